#include "agents/tools/writer_texts.h"

#include <algorithm>
#include <utility>

#include "agents/tools/progress_line.h"
#include "agents/tools/training_data.h"
#include "runtime/base/digest.h"
#include "runtime/train/chat_encoder.h"
#include "runtime/train/kept_answers.h"
#include "runtime/train/shuffle.h"
#include "runtime/train/write_answers.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using train::PromptText;

constexpr size_t kBetweenSaves = 256;

Result<std::vector<PromptText>> ReadAll(const std::vector<fs::path>& files, train::Answers answers,
                                        const std::string& use, std::vector<DataFile>& notes) {
  return ReadEach<PromptText>(files, use, notes,
                              [&](const fs::path& file) { return train::ReadPromptTexts(file, answers); });
}

// Sets a share of `texts` aside, drawn by the seed.
std::vector<PromptText> SetAside(std::vector<PromptText>& texts, double share, uint64_t seed) {
  const auto wanted = static_cast<size_t>(share * static_cast<double>(texts.size()) + 0.5);
  std::vector<bool> held(texts.size(), false);
  const std::vector<size_t> order = train::Shuffled(texts.size(), seed);
  for (size_t i = 0; i < std::min(wanted, texts.size()); ++i) held[order[i]] = true;
  std::vector<PromptText> aside, rest;
  for (size_t i = 0; i < texts.size(); ++i) (held[i] ? aside : rest).push_back(std::move(texts[i]));
  texts = std::move(rest);
  return aside;
}

// Lets the teacher answer what it has not answered yet.
class Teacher {
 public:
  Teacher(const WriterRecipe& recipe, const model::ModelFiles& files, const train::ChatEncoder& encoder,
          const std::vector<PromptText>& examples)
      : recipe_(recipe), files_(files), encoder_(encoder), examples_(examples) {}

  // Those without an end within the limit come back without an answer.
  Status Answer(std::vector<PromptText>& texts, train::KeptAnswers& kept) {
    std::vector<PromptText*> open;
    for (PromptText& text : texts) {
      if (kept.Find(text) == nullptr) open.push_back(&text);
    }
    ProgressLine line("the teacher answers");
    for (size_t begin = 0; begin < open.size(); begin += kBetweenSaves) {
      const auto part = std::span(open).subspan(begin, std::min(kBetweenSaves, open.size() - begin));
      const auto show = [&](double done) -> Status {
        line.Show(
            (static_cast<double>(begin) + done * static_cast<double>(part.size())) / static_cast<double>(open.size()),
            std::to_string(open.size()) + " prompts");
        return {};
      };
      TRY(Write(part, kept, show));
      TRY(kept.Save());
    }
    for (PromptText& text : texts) text.answer = *kept.Find(text);
    return {};
  }

 private:
  Status Write(std::span<PromptText* const> part, train::KeptAnswers& kept, const train::WritingWatch& watch) {
    const train::WritingOptions options{.max_tokens = static_cast<int32_t>(recipe_.max_tokens),
                                        .temperature = static_cast<float>(recipe_.write_temperature),
                                        .stop = recipe_.stop,
                                        .seed = recipe_.training.seed,
                                        .threads = static_cast<int>(recipe_.training.threads)};
    if (engine_ == nullptr) {
      TRY_ASSIGN(engine_, engine::Engine::Load(files_.path,
                                               {.max_sequences = 16, .threads = static_cast<int>(options.threads)}));
    }
    std::vector<std::vector<int32_t>> prompts;
    for (const PromptText* text : part) {
      const auto shown = train::ChatEncoder::WithExamples(text->prompt, examples_);
      TRY_ASSIGN(auto prompt, encoder_.EncodePrompt(shown, text->place));
      prompts.push_back(std::move(prompt));
    }
    TRY_ASSIGN(auto written, train::WriteAnswers(*engine_, prompts, options, watch));
    for (size_t i = 0; i < part.size(); ++i) {
      kept.Put(*part[i], written[i].is_whole ? std::move(written[i].text) : std::string());
    }
    return {};
  }

  const WriterRecipe& recipe_;
  const model::ModelFiles& files_;
  const train::ChatEncoder& encoder_;
  const std::vector<PromptText>& examples_;
  std::unique_ptr<engine::Engine> engine_;
};

// As tokens; texts that have no answer are left out.
Result<std::vector<train::PromptAnswer>> EncodeAll(const std::vector<PromptText>& texts,
                                                   const train::ChatEncoder& encoder,
                                                   const std::vector<PromptText>& examples, size_t& left_out) {
  std::vector<train::PromptAnswer> encoded;
  for (const PromptText& text : texts) {
    if (text.answer.empty()) {
      ++left_out;
      continue;
    }
    TRY_ASSIGN(train::PromptAnswer one, encoder.Encode(text));
    if (!examples.empty()) {
      TRY_ASSIGN(one.shown, encoder.EncodePrompt(train::ChatEncoder::WithExamples(text.prompt, examples), text.place));
    }
    encoded.push_back(std::move(one));
  }
  return encoded;
}

// What a teacher's answers depend on beside the prompt.
std::string TellingOf(const WriterRecipe& recipe, const std::vector<PromptText>& examples, const std::string& sha256) {
  Value all = {sha256, recipe.max_tokens, recipe.write_temperature, recipe.stop};
  if (recipe.write_temperature > 0) all.push_back(recipe.training.seed);
  for (const PromptText& example : examples) all.push_back({example.prompt.back().content, example.answer});
  return Sha256Hex(Dump(all)).substr(0, 16);
}

}  // namespace

Result<WriterTexts> ReadWriterTexts(const WriterRecipe& recipe, const model::ModelFiles& files,
                                    const std::string& sha256) {
  WriterTexts texts;
  const auto needed = recipe.answers.empty() ? train::Answers::kRequired : train::Answers::kOptional;
  TRY_ASSIGN(auto learnt, ReadAll(recipe.train, needed, "trained on", texts.data));
  std::vector<PromptText> held_out, examples;
  if (recipe.held_out.empty()) {
    held_out = SetAside(learnt, recipe.held_out_share, recipe.training.seed);
  } else {
    TRY_ASSIGN(held_out, ReadAll({recipe.held_out}, needed, "held out", texts.data));
  }
  if (!recipe.examples.empty()) {
    TRY_ASSIGN(examples, ReadAll({recipe.examples}, train::Answers::kRequired, "shown to the teacher", texts.data));
  }
  TRY_ASSIGN(const train::ChatEncoder encoder, train::ChatEncoder::Make(files));
  if (!recipe.answers.empty()) {
    TRY_ASSIGN(auto kept, train::KeptAnswers::Open(recipe.answers, TellingOf(recipe, examples, sha256)));
    Teacher teacher(recipe, files, encoder, examples);
    for (auto* part : {&learnt, &held_out}) TRY(teacher.Answer(*part, kept));
    TRY_ASSIGN(std::string written, Sha256HexOfFile(recipe.answers));
    texts.data.push_back(
        {recipe.answers, std::move(written), learnt.size() + held_out.size(), "the teacher's answers"});
  }
  TRY_ASSIGN(texts.train, EncodeAll(learnt, encoder, examples, texts.left_out));
  TRY_ASSIGN(texts.held_out, EncodeAll(held_out, encoder, examples, texts.left_out));
  if (texts.train.empty() || texts.held_out.empty()) {
    return Invalid(std::string(texts.train.empty() ? "nothing is left to learn from" : "nothing is held out") + " of " +
                   std::to_string(learnt.size() + held_out.size()) + " prompts" +
                   (texts.left_out > 0 ? "; the teacher came to no end of " + std::to_string(texts.left_out) +
                                             " answers: raise 'maxTokens' or give a 'stop'"
                                       : ": give more prompts, another 'heldOut', or a file of prompts held out"));
  }
  return texts;
}

}  // namespace troupe::tools
