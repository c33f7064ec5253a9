#include "agents/tools/synthesise_job.h"

#include <map>
#include <tuple>
#include <utility>

#include "agents/tools/training_data.h"
#include "runtime/base/digest.h"
#include "runtime/base/utf8.h"
#include "runtime/model/load_decoder.h"
#include "runtime/train/held_back.h"

namespace troupe::tools {
namespace {

using train::LabelledText;

constexpr int32_t kTogether = 16;  // texts that the teacher writes at once
// What they and earlier prompts remember: prompts are short, and a model's longest context sixteen times over is
// gigabytes that nobody needs.
constexpr int64_t kPages = 1024;

Status CheckLetters(const std::string& text, const std::string& place, const engine::Engine& teacher) {
  for (const std::string& special : teacher.special_spellings()) {
    if (text.find(special) == text.npos) continue;
    return Invalid(place + ": the teacher's special token " + special + " is spelled out in \"" + text +
                   "\": take it out");
  }
  return {};
}

// Of all that its prompts are made of.
Status CheckLetters(const SynthesiseRecipe& recipe, const SynthesiseJob& job) {
  TRY(CheckLetters(recipe.heading, "'heading'", *job.teacher));
  for (const SkillExamples& skill : job.skills) {
    TRY(CheckLetters(skill.skill.label, "a skill's label", *job.teacher));
    TRY(CheckLetters(skill.skill.description, "a skill's description", *job.teacher));
  }
  for (const LabelledText& text : job.real) TRY(CheckLetters(text.text, text.place, *job.teacher));
  return {};
}

// The recipe's skills, or one for each label.
std::vector<WantedSkill> Wanted(const SynthesiseRecipe& recipe, const std::vector<std::string>& labels) {
  if (!recipe.skills.empty()) return recipe.skills;
  std::vector<WantedSkill> all;
  for (const std::string& label : labels) all.push_back({{label, ""}, recipe.examples.front().string()});
  return all;
}

Result<std::vector<SkillExamples>> WithExamples(const std::vector<WantedSkill>& wanted, const SynthesiseRecipe& recipe,
                                                const std::vector<LabelledText>& texts) {
  std::map<std::string, std::vector<std::string>> all, shown;
  for (const LabelledText& text : texts) {
    all[text.label].push_back(text.text);
    const std::string line = train::OneLine(text.text);
    if (CountCodePoints(line) <= static_cast<size_t>(recipe.max_chars)) shown[text.label].push_back(line);
  }
  std::vector<SkillExamples> skills;
  for (const auto& [skill, place] : wanted) {
    if (all[skill.label].empty()) {
      return Invalid(place + ": none of the examples has the label \"" + skill.label +
                     "\": give some, or check its spelling");
    }
    if (shown[skill.label].empty()) {
      return Invalid(place + ": every example of \"" + skill.label + "\" is longer than 'maxChars' (" +
                     std::to_string(recipe.max_chars) + "), so none can be shown to the teacher: raise it");
    }
    skills.push_back({skill, shown[skill.label]});
  }
  return skills;
}

// With its weights' digest. Not Engine::Load: what it writes must be the same in every run, to the bit.
Result<std::pair<std::unique_ptr<engine::Engine>, std::string>> LoadTeacher(const std::filesystem::path& path,
                                                                            int threads) {
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(path));
  TRY_ASSIGN(std::string sha256, files.Digest());
  const model::DecoderOptions options{
      .weights = model::BestFormat(*files.weights, c10::kCPU), .threads = threads, .bits = model::Bits::kSameInPieces};
  TRY_ASSIGN(auto decoder, model::LoadDecoder(files.config, *files.weights, options));
  TRY_ASSIGN(auto engine, engine::Engine::Make(std::move(decoder), files.tokenizer, files.end_ids,
                                               {.max_sequences = kTogether, .max_pages = kPages, .threads = threads}));
  return std::pair(std::move(engine), std::move(sha256));
}

Status LoadModels(const SynthesiseRecipe& recipe, SynthesiseJob& job) {
  const auto threads = static_cast<int>(recipe.threads);
  const auto at = [](const std::filesystem::path& path, Error error) {
    if (error.message.find(path.string()) == std::string::npos) error.message = path.string() + ": " + error.message;
    return error;
  };
  auto teacher = LoadTeacher(recipe.teacher, threads);
  if (!teacher) return at(recipe.teacher, teacher.error());
  std::tie(job.teacher, job.teacher_sha256) = std::move(*teacher);
  auto vocabulary = job.teacher->grammar_env();
  if (!vocabulary) return at(recipe.teacher, vocabulary.error());
  TRY_ASSIGN(job.line,
             text::Grammar::FromRegex(train::LinePattern(static_cast<size_t>(recipe.min_chars)), *vocabulary));
  auto embedder = engine::Embedder::Load(recipe.embedder, {.threads = threads});
  if (!embedder) return at(recipe.embedder, embedder.error());
  job.embedder = std::move(*embedder);
  return {};
}

}  // namespace

Result<SynthesiseJob> PrepareSynthesiseJob(const SynthesiseRecipe& recipe, const std::string& recipe_text) {
  SynthesiseJob job;
  TRY_ASSIGN(auto read, ReadAll(recipe.examples, train::Labels::kRequired, "real", job.data));
  job.real = train::LastOfEach(std::move(read));
  TRY_ASSIGN(const std::vector<std::string> labels, train::LabelsOf(job.real));
  TRY_ASSIGN(job.skills, WithExamples(Wanted(recipe, labels), recipe, job.real));
  TRY(LoadModels(recipe, job));
  TRY(CheckLetters(recipe, job));
  std::string all = recipe_text + "\n" + job.teacher_sha256 + "\n" + job.embedder->info().digest;
  for (const DataFile& file : job.data) all += "\n" + file.sha256;
  job.run = Sha256Hex(all);
  return job;
}

}  // namespace troupe::tools
