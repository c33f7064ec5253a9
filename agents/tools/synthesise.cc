#include "agents/tools/synthesise.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

#include "agents/tools/card_parts.h"
#include "agents/tools/progress_line.h"
#include "agents/tools/synthesise_card.h"
#include "agents/tools/synthesise_job.h"
#include "agents/tools/synthesise_recipe.h"
#include "agents/tools/synthetic_mix.h"
#include "agents/tools/synthetic_writer.h"
#include "agents/tools/training_folder.h"
#include "agents/tools/written_log.h"
#include "runtime/base/digest.h"
#include "runtime/base/read_file.h"
#include "runtime/base/write_file.h"
#include "runtime/model/replace_folder.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

constexpr char kMixed[] = "train.jsonl";
constexpr char kKept[] = "synthetic.jsonl";

constexpr char kFooter[] = R"(A recipe:

  apiVersion: troupe.dev/v1
  kind: SynthesiseRecipe
  metadata: {name: bank-synthetic}
  spec:
    teacher: models/smollm2.gguf
    embedder: models/all-minilm-l6-v2
    examples: [real.csv]                        # text and label; some of them are shown to the teacher each time
    skills:                                     # left out: every label of the examples, by its name
      - {label: card_arrival, description: a new card that has not arrived}
    perSkill: 40                                # to be kept; tries: 5 may be written for each
    asking: {heading: Messages of a bank's customers, shown: 5, minChars: 10, maxChars: 200}
    sampling: {temperature: 0.8, topP: 0.95, maxTokens: 48}
    filters: {confidence: 0.1, duplicate: 0.95, voters: 3}
    share: 0.5                                  # of train.jsonl at most
    seed: 1
    threads: 2

Dropped is what has no end or another length, what is as near as 'duplicate' (cosine) to a real text or to one that is
kept, what the teacher gave less than 'confidence' (the geometric mean of its tokens' probabilities), and what the
'voters' nearest real texts take for another skill. OUT/train.jsonl holds the real texts and the synthetic ones, for
'data: {train: ...}' of distill; OUT/synthetic.jsonl those that were kept; OUT/card.md says what became of all.
A run that was broken off goes on when the same command is given again: what was written lies in OUT.training meanwhile.
Judge a model that was trained so by real texts only: give distill a file as its 'heldOut'.

  troupe-agent synthesise bank.yaml bank-synthetic)";

Error NothingKept(const Synthesis& synthesis) {
  std::string reasons;
  for (size_t i = 1; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    reasons += (i > 1 ? ", " : "") + VerdictName(verdict) + " " + std::to_string(synthesis.Count(verdict));
  }
  return FailedPrecondition(
      "none of the teacher's " + std::to_string(synthesis.texts.size()) + " texts could be kept (" + reasons +
      "); nothing is written: change 'asking', 'sampling' or 'filters', or take a larger teacher");
}

void Tell(const SynthesiseRecipe& recipe, const SynthesiseJob& job, const Synthesis& synthesis, const MixedTexts& mixed,
          const fs::path& out, double seconds) {
  std::printf("%s: %zu of %zu texts kept, of %zu skills, in %s\n", out.c_str(), synthesis.Count(Verdict::kKept),
              synthesis.texts.size(), job.skills.size(), Lasting(seconds).c_str());
  size_t lacking = 0;
  for (const SkillTally& tally : synthesis.tallies) {
    if (tally.of(Verdict::kKept) < static_cast<size_t>(recipe.per_skill)) ++lacking;
  }
  if (lacking > 0) {
    std::printf("%zu of them have fewer than the %ld that were wanted: the teacher has tried often enough\n", lacking,
                static_cast<long>(recipe.per_skill));
  }
  std::printf("%s: %zu real texts and %zu synthetic ones (%s); see %s\n", (out / kMixed).c_str(), mixed.real,
              mixed.synthetic, Percent(mixed.share()).c_str(), (out / "card.md").c_str());
}

}  // namespace

Synthesise::Synthesise(CLI::App& app)
    : command_(
          app.add_subcommand("synthesise", "Let a teacher write training texts for skills after a few real ones")) {
  command_->footer(kFooter);
  command_->add_option("RECIPE", recipe_, "A SynthesiseRecipe in YAML")->required();
  command_->add_option("OUT", out_, "The folder to write")->required();
  command_->add_flag("--force", force_, "Write over synthetic texts that are there");
  command_->add_flag("--fresh", fresh_, "Begin from the start, whatever a run that was broken off has left");
}

Status Synthesise::Run() const {
  const auto start = std::chrono::steady_clock::now();
  TRY_ASSIGN(const SynthesiseRecipe recipe, ReadSynthesiseRecipe(recipe_));
  TRY_ASSIGN(const std::string recipe_text, ReadFile(recipe_, 1u << 20));
  TRY(model::CheckReplaceable(out_, force_ ? model::Overwrite::kYes : model::Overwrite::kNo, kKept,
                              "folder of synthetic texts"));
  at::set_num_threads(static_cast<int>(recipe.threads));
  TRY_ASSIGN(const SynthesiseJob job, PrepareSynthesiseJob(recipe, recipe_text));
  const TrainingFolder folder(out_);
  TRY(folder.Open(fresh_ ? Begin::kFresh : Begin::kWhereItWas));
  TRY_ASSIGN(WrittenLog log, WrittenLog::Open(folder.path() / "written.jsonl", job.run));
  TRY_ASSIGN(const Synthesis synthesis, WriteSynthetic(recipe, job, log));
  if (synthesis.Count(Verdict::kKept) == 0) {
    folder.Remove();
    return NothingKept(synthesis);
  }

  const MixedTexts mixed = Mix(job.real, synthesis.texts, recipe.share, recipe.seed);
  std::map<std::string, std::string> files{{kMixed, mixed.lines}, {kKept, KeptLines(synthesis.texts)}};
  SynthesisFacts facts{recipe, recipe_text, job, synthesis, mixed, {}};
  for (const auto& [name, content] : files) facts.digests[name] = Sha256Hex(content);
  files.merge(SynthesisCards(facts));
  TRY(model::ReplaceFolder(out_, [&](const fs::path& part) -> Status {
    for (const auto& [name, content] : files) TRY(WriteFile(part / name, content));
    return {};
  }));
  folder.Remove();
  Tell(recipe, job, synthesis, mixed, out_,
       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return {};
}

}  // namespace troupe::tools
