#include "agents/tools/writer_texts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agents/tools/training_data.h"
#include "agents/tools/writer_teacher.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/train/chat_encoder.h"
#include "runtime/train/kept_answers.h"
#include "runtime/train/prompt_texts.h"
#include "runtime/train/shuffle.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using train::PromptText;

Result<std::vector<PromptText>> ReadAll(const std::vector<fs::path>& files, train::Answers answers,
                                        const std::string& use, std::vector<DataFile>& notes) {
  return ReadEach<PromptText>(files, use, notes,
                              [&](const fs::path& file) { return train::ReadPromptTexts(file, answers); });
}

// Which of so many texts are set aside, drawn by the seed.
std::vector<bool> SetAside(size_t count, double share, uint64_t seed) {
  const auto wanted = static_cast<size_t>(share * static_cast<double>(count) + 0.5);
  std::vector<bool> held(count, false);
  const std::vector<size_t> order = train::Shuffled(count, seed);
  for (size_t i = 0; i < std::min(wanted, count); ++i) held[order[i]] = true;
  return held;
}

// Texts as tokens, on disk.
class Desk {
 public:
  Desk(const train::ChatEncoder& encoder, const std::vector<PromptText>& examples, train::AnswerTextsFile file)
      : encoder_(encoder), examples_(examples), file_(std::move(file)) {}

  // A text that has no answer is left out; whether this one is there.
  Result<bool> Take(const PromptText& text) {
    if (text.answer.empty()) return false;
    TRY_ASSIGN(train::PromptAnswer one, encoder_.Encode(text));
    if (!examples_.empty()) {
      const auto shown = train::ChatEncoder::WithExamples(text.prompt, examples_);
      TRY_ASSIGN(one.shown, encoder_.EncodePrompt(shown, text.place));
    }
    TRY(file_.Add(one));
    return true;
  }
  size_t size() const { return file_.size(); }
  Result<train::AnswerTexts> Finish() { return file_.Finish(); }

 private:
  const train::ChatEncoder& encoder_;
  const std::vector<PromptText>& examples_;
  train::AnswerTextsFile file_;
};

// Those that are held out and those that are not, of texts of which `held` tells.
Status Split(const std::vector<bool>& held, Desk& desk, WriterTexts& texts) {
  TRY_ASSIGN(const train::AnswerTexts all, desk.Finish());
  std::vector<size_t> learnt, aside;
  for (size_t i = 0; i < held.size(); ++i) (held[i] ? aside : learnt).push_back(i);
  texts.train = all.Of(learnt);
  texts.held_out = all.Of(aside);
  return {};
}

// Texts that have their answers, which go through memory one by one.
Status ReadGiven(const WriterRecipe& recipe, Desk& desk, WriterTexts& texts) {
  const auto read = [&](const fs::path& file, const std::string& use) -> Status {
    const size_t before = desk.size();
    TRY(train::ForEachPromptText(file, train::Answers::kRequired, [&](const PromptText& text) -> Status {
      TRY(desk.Take(text));
      return {};
    }));
    TRY_ASSIGN(std::string sha256, Sha256HexOfFile(file));
    texts.data.push_back({file, std::move(sha256), desk.size() - before, use});
    return {};
  };
  for (const fs::path& file : recipe.train) TRY(read(file, "trained on"));
  std::vector<bool> held;
  if (recipe.held_out.empty()) {
    held = SetAside(desk.size(), recipe.held_out_share, recipe.training.seed);
  } else {
    held.assign(desk.size(), false);
    TRY(read(recipe.held_out, "held out"));
    held.resize(desk.size(), true);
  }
  return Split(held, desk, texts);
}

// Prompts that the teacher answers, in memory.
Status ReadAnswered(const WriterRecipe& recipe, WriterTeacher& teacher, const std::string& sha256, Desk& desk,
                    WriterTexts& texts) {
  TRY_ASSIGN(auto all, ReadAll(recipe.train, train::Answers::kOptional, "trained on", texts.data));
  std::vector<bool> held;
  if (recipe.held_out.empty()) {
    held = SetAside(all.size(), recipe.held_out_share, recipe.training.seed);
  } else {
    TRY_ASSIGN(auto more, ReadAll({recipe.held_out}, train::Answers::kOptional, "held out", texts.data));
    held.assign(all.size(), false);
    std::move(more.begin(), more.end(), std::back_inserter(all));
    held.resize(all.size(), true);
  }
  TRY_ASSIGN(auto kept, train::KeptAnswers::Open(recipe.answers, teacher.Telling(sha256)));
  TRY(teacher.Answer(all, kept));
  std::vector<bool> held_there;  // of those that are not left out
  Digester digester;
  for (size_t i = 0; i < all.size(); ++i) {
    digester.Add(Dump(Value(all[i].answer)) + "\n");
    TRY_ASSIGN(const bool is_there, desk.Take(all[i]));
    if (is_there) held_there.push_back(held[i]);
  }
  texts.left_out = all.size() - held_there.size();
  texts.digest = "\n" + digester.Hex();
  TRY_ASSIGN(std::string written, Sha256HexOfFile(recipe.answers));
  texts.data.push_back({recipe.answers, std::move(written), all.size(), "the teacher's answers"});
  return Split(held_there, desk, texts);
}

}  // namespace

Result<WriterTexts> ReadWriterTexts(const WriterRecipe& recipe, const model::ModelFiles& files,
                                    const std::string& sha256, const fs::path& folder) {
  WriterTexts texts;
  std::vector<PromptText> examples;
  std::vector<DataFile> shown;
  if (!recipe.examples.empty()) {
    TRY_ASSIGN(examples, ReadAll({recipe.examples}, train::Answers::kRequired, "shown to the teacher", shown));
  }
  TRY_ASSIGN(const train::ChatEncoder encoder, train::ChatEncoder::Make(files));
  TRY_ASSIGN(train::AnswerTextsFile file, train::AnswerTextsFile::In(folder));
  Desk desk(encoder, examples, std::move(file));
  if (recipe.answers.empty()) {
    TRY(ReadGiven(recipe, desk, texts));
  } else {
    WriterTeacher teacher(recipe, files, encoder, examples);
    TRY(ReadAnswered(recipe, teacher, sha256, desk, texts));
  }
  texts.data.insert(texts.data.end(), shown.begin(), shown.end());
  for (const DataFile& data : texts.data) {
    if (data.path != recipe.answers) texts.digest += "\n" + data.sha256;
  }
  const size_t all = texts.train.size() + texts.held_out.size() + texts.left_out;
  if (!texts.train.empty() && !texts.held_out.empty()) return texts;
  return Invalid(std::string(texts.train.empty() ? "nothing is left to learn from" : "nothing is held out") + " of " +
                 std::to_string(all) + " prompts" +
                 (texts.left_out > 0 ? "; the teacher came to no end of " + std::to_string(texts.left_out) +
                                           " answers: raise 'maxTokens' or give a 'stop'"
                                     : ": give more prompts, another 'heldOut', or a file of prompts held out"));
}

}  // namespace troupe::tools
