#include "runtime/evaluate/choices.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "runtime/base/csv.h"
#include "runtime/evaluate/subject.h"
#include "runtime/model/mapped_file.h"

namespace troupe::evaluate {
namespace {

std::string Spoken(std::string label) {
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

Result<std::vector<int32_t>> Encode(const text::Tokenizer& tokenizer, const std::string& text) {
  TRY_ASSIGN(auto tokens, tokenizer.Encode(text, text::Specials::kPlain));
  if (tokens.empty()) return Invalid("a text or a label without a token");
  return tokens;
}

// Of a token behind a row of logits.
double LogLikelihood(std::span<const float> row, int32_t token) {
  const float top = *std::max_element(row.begin(), row.end());
  double total = 0;
  for (const float value : row) total += std::exp(value - top);
  return row[static_cast<size_t>(token)] - top - std::log(total);
}

// Of each choice behind the prompt, per token.
Result<std::vector<double>> Likelihoods(model::Decoder& decoder, const text::Tokenizer& tokenizer,
                                        const Question& question, std::span<const model::PageId> pages) {
  const auto vocab = static_cast<size_t>(decoder.config().vocab_size);
  TRY_ASSIGN(const auto prompt, Encode(tokenizer, question.prompt));
  const model::Slice whole{.tokens = prompt, .pages = pages};
  TRY_ASSIGN(const std::span<float> first, decoder.Forward(std::span(&whole, 1)));
  const std::vector<float> behind_prompt(first.begin(), first.end());
  std::vector<double> likelihoods;
  for (const std::string& choice : question.choices) {
    TRY_ASSIGN(const auto label, Encode(tokenizer, " " + choice));
    double sum = LogLikelihood(behind_prompt, label[0]);
    if (label.size() > 1) {
      // each choice takes the place of the one before it in the pages
      const model::Slice slice{.tokens = std::span(label).first(label.size() - 1),
                               .pages = pages,
                               .length = static_cast<int64_t>(prompt.size()),
                               .logits = model::Logits::kAll};
      TRY_ASSIGN(const std::span<float> rows, decoder.Forward(std::span(&slice, 1)));
      for (size_t i = 1; i < label.size(); ++i) sum += LogLikelihood(rows.subspan((i - 1) * vocab, vocab), label[i]);
    }
    likelihoods.push_back(sum / static_cast<double>(label.size()));
  }
  return likelihoods;
}

}  // namespace

Result<std::vector<Labelled>> ReadLabelled(const std::string& path) {
  TRY_ASSIGN(const auto file, model::MappedFile::Open(path));
  const auto bytes = file->bytes();
  const auto table = ParseCsv({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!table) return Error{table.error().code, path + ": " + table.error().message};
  const auto texts = table->Column({"text"}), labels = table->Column({"label", "category", "intent"});
  if (!texts || !labels) return Invalid(path + ": " + (texts ? labels.error().message : texts.error().message));
  std::vector<Labelled> labelled;
  for (const auto& row : table->rows) labelled.push_back({row[*texts], Spoken(row[*labels])});
  return labelled;
}

Result<std::vector<Question>> MakeQuestions(const std::vector<Labelled>& examples, size_t count, size_t choices,
                                            uint64_t seed) {
  std::map<std::string, std::vector<size_t>> by_label;
  for (size_t i = 0; i < examples.size(); ++i) by_label[examples[i].label].push_back(i);
  std::vector<std::string> labels;  // those that have an example beside the one that is asked
  for (const auto& [label, indices] : by_label) {
    if (indices.size() >= 2) labels.push_back(label);
  }
  if (choices < 2 || labels.size() < choices) {
    return Invalid("a question needs " + std::to_string(choices) + " labels with two texts each; there are " +
                   std::to_string(labels.size()));
  }
  std::mt19937_64 random(seed);
  std::vector<Question> questions;
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < choices; ++j) std::swap(labels[j], labels[j + random() % (labels.size() - j)]);
    Question question{{}, {labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(choices)}, random() % choices};
    const auto& right = by_label[question.choices[question.right]];
    const size_t asked = right[random() % right.size()];
    for (const std::string& label : question.choices) {
      const auto& own = by_label[label];
      size_t shown = random() % own.size();
      if (own[shown] == asked) shown = (shown + 1) % own.size();
      question.prompt += examples[own[shown]].text + " => " + label + "\n";
    }
    question.prompt += examples[asked].text + " =>";
    questions.push_back(std::move(question));
  }
  return questions;
}

Result<int64_t> LongestQuestion(const std::vector<Question>& questions, const text::Tokenizer& tokenizer) {
  size_t longest = 0;
  for (const Question& question : questions) {
    TRY_ASSIGN(const auto prompt, Encode(tokenizer, question.prompt));
    for (const std::string& choice : question.choices) {
      TRY_ASSIGN(const auto label, Encode(tokenizer, " " + choice));
      longest = std::max(longest, prompt.size() + label.size());
    }
  }
  return static_cast<int64_t>(longest);
}

Result<double> Accuracy(model::Decoder& decoder, const text::Tokenizer& tokenizer,
                        const std::vector<Question>& questions) {
  if (questions.empty()) return 0.0;
  TRY_ASSIGN(const int64_t longest, LongestQuestion(questions, tokenizer));
  const auto pages = FirstPages(model::PagesFor(longest));
  size_t right = 0;
  for (const Question& question : questions) {
    TRY_ASSIGN(const auto likelihoods, Likelihoods(decoder, tokenizer, question, pages));
    const auto best = std::max_element(likelihoods.begin(), likelihoods.end()) - likelihoods.begin();
    if (static_cast<size_t>(best) == question.right) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(questions.size());
}

}  // namespace troupe::evaluate
