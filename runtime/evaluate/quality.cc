#include "runtime/evaluate/quality.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/evaluate/subject.h"

namespace troupe::evaluate {
namespace {

// Logits to log-probabilities, in place; gives the index of the largest.
size_t LogSoftmax(std::span<float> row) {
  const auto largest = std::max_element(row.begin(), row.end());
  const float top = *largest;
  double sum = 0;
  for (const float value : row) sum += std::exp(value - top);
  const auto shift = static_cast<float>(top + std::log(sum));
  for (float& value : row) value -= shift;
  return static_cast<size_t>(largest - row.begin());
}

struct Sums {
  int64_t tokens = 0, same = 0;
  double surprise = 0, divergence = 0;
};

// The full model's answers to one text.
struct Answers {
  std::vector<float> log_probabilities;  // [tokens, vocab]
  std::vector<size_t> likeliest;         // [tokens]
};

Result<std::span<float>> Predict(model::Decoder& decoder, std::span<const int32_t> text) {
  const auto pages = FirstPages(model::PagesFor(static_cast<int64_t>(text.size())));
  const model::Slice slice{.tokens = text, .pages = pages, .logits = model::Logits::kAll};
  return decoder.Forward(std::span(&slice, 1));
}

void Score(std::span<float> logits, std::span<const int32_t> text, bool is_full, Answers& answers, Sums& sums) {
  const size_t vocab = logits.size() / text.size();
  if (is_full) answers.likeliest.assign(text.size(), 0);
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const auto row = logits.subspan(i * vocab, vocab);
    const size_t likeliest = LogSoftmax(row);
    if (is_full) answers.likeliest[i] = likeliest;
    sums.surprise -= row[static_cast<size_t>(text[i + 1])];
    sums.same += likeliest == answers.likeliest[i] ? 1 : 0;
    ++sums.tokens;
    if (is_full) continue;
    const float* full = answers.log_probabilities.data() + i * vocab;
    double divergence = 0;
    for (size_t token = 0; token < vocab; ++token) divergence += std::exp(full[token]) * (full[token] - row[token]);
    sums.divergence += divergence;
  }
  if (is_full) answers.log_probabilities.assign(logits.begin(), logits.end());
}

}  // namespace

Result<std::vector<Quality>> Compare(std::span<model::Decoder* const> decoders,
                                     std::span<const std::vector<int32_t>> texts,
                                     const std::function<void(double)>& progress) {
  CHECK(!decoders.empty());
  for (const model::Decoder* decoder : decoders) {
    if (decoder->config().vocab_size == decoders[0]->config().vocab_size) continue;
    return Invalid("models with vocabularies of " + std::to_string(decoders[0]->config().vocab_size) + " and " +
                   std::to_string(decoder->config().vocab_size) + " tokens cannot be compared token by token");
  }
  std::vector<Sums> sums(decoders.size());
  Answers answers;
  for (size_t t = 0; t < texts.size(); ++t) {
    CHECK(texts[t].size() >= 2);
    for (size_t i = 0; i < decoders.size(); ++i) {
      progress(static_cast<double>(t * decoders.size() + i) / static_cast<double>(texts.size() * decoders.size()));
      TRY_ASSIGN(const std::span<float> logits, Predict(*decoders[i], texts[t]));
      Score(logits, texts[t], i == 0, answers, sums[i]);
    }
  }
  std::vector<Quality> qualities;
  for (const Sums& s : sums) {
    const auto tokens = static_cast<double>(std::max<int64_t>(s.tokens, 1));
    qualities.push_back({s.tokens, s.surprise / tokens, std::exp(s.surprise / tokens),
                         static_cast<double>(s.same) / tokens, s.divergence / tokens});
  }
  return qualities;
}

}  // namespace troupe::evaluate
