#include "agents/tools/writer_teacher.h"

#include <algorithm>
#include <utility>

#include "agents/tools/progress_line.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"

namespace troupe::tools {
namespace {

using train::PromptText;

constexpr size_t kBetweenSaves = 256;

}  // namespace

WriterTeacher::WriterTeacher(const WriterRecipe& recipe, const model::ModelFiles& files,
                             const train::ChatEncoder& encoder, const std::vector<PromptText>& examples)
    : recipe_(recipe), files_(files), encoder_(encoder), examples_(examples) {}

std::string WriterTeacher::Telling(const std::string& sha256) const {
  Value all = {sha256, recipe_.max_tokens, recipe_.write_temperature, recipe_.stop};
  if (recipe_.write_temperature > 0) all.push_back(recipe_.training.seed);
  for (const PromptText& example : examples_) all.push_back({example.prompt.back().content, example.answer});
  return Sha256Hex(Dump(all)).substr(0, 16);
}

Status WriterTeacher::Answer(std::vector<PromptText>& texts, train::KeptAnswers& kept) {
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

Status WriterTeacher::Write(std::span<PromptText* const> part, train::KeptAnswers& kept,
                            const train::WritingWatch& watch) {
  const train::WritingOptions options{.max_tokens = static_cast<int32_t>(recipe_.max_tokens),
                                      .temperature = static_cast<float>(recipe_.write_temperature),
                                      .stop = recipe_.stop,
                                      .seed = recipe_.training.seed,
                                      .threads = static_cast<int>(recipe_.training.threads)};
  if (engine_ == nullptr) {
    TRY_ASSIGN(engine_,
               engine::Engine::Load(files_.path, {.max_sequences = 16, .threads = static_cast<int>(options.threads)}));
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

}  // namespace troupe::tools
