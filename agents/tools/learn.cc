#include "agents/tools/learn.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "agents/tools/card_parts.h"
#include "agents/tools/learn_card.h"
#include "agents/tools/learn_job.h"
#include "agents/tools/learn_recipe.h"
#include "agents/tools/learn_verdict.h"
#include "agents/tools/progress_line.h"
#include "agents/tools/training_folder.h"
#include "agents/tools/training_run.h"
#include "runtime/base/read_file.h"
#include "runtime/model/model_folder.h"
#include "runtime/train/classifier_folder.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

constexpr char kFooter[] = R"(A recipe:

  apiVersion: troupe.dev/v1
  kind: LearnRecipe
  metadata: {name: bank-student-2}
  spec:
    student: bank-student                      # the classifier that serves now
    lessons: [pairs.jsonl]                     # troupe learn export GRAPH --step STEP
    teacherConfidence: 0.6                     # lessons of which the teacher was less sure are left out
    replay: {texts: [train.csv], share: 0.5}   # old examples, half of what is trained on; heldOut: FILE to be judged by
    heldOut: 0.2                               # the share of the lessons that only judges
    keep: 0.5                                  # how much the student's own scores on old examples count
    gate: {all: 0.01, skill: 0.1, lessons: 0.5}
    escalate: {accuracy: 0.97}                 # or {teacherShare: 0.15}
    training: {epochs: 6, rate: 3e-4, precision: bf16}

Labels that the student has never seen are added to its head. Student and learner are then asked the pairs that were
held back: where the learner is worse, in all by more than 'all' or in a label by more than 'skill', or has fewer than
'lessons' of the held-back lessons right, nothing is written and the exit code is 4. What is written has the
temperature of its scores in config.json, so that its confidence can be believed, and in teach.yaml from where on the
teacher is to be asked.

  troupe-agent learn bank.yaml bank-student-2)";

void TellRefusal(const LearnRecipe& recipe, const train::GateResult& gate) {
  std::printf("%s", gate.ToMarkdown().c_str());
  std::fprintf(stderr, "troupe-agent: the gate refuses what was learnt; nothing is written, and %s goes on serving:\n",
               recipe.student.c_str());
  for (const std::string& reason : gate.reasons) std::fprintf(stderr, "  %s\n", reason.c_str());
}

void TellSuccess(const LearnJob& job, const LearnVerdict& verdict, const fs::path& out, double seconds) {
  const auto& [gate, calibration, escalation] = verdict;
  std::printf("%s: %zu labels, %zu of them new; learnt from %zu lessons beside %zu old examples in %s\n", out.c_str(),
              job.training->student().config().labels.size(), job.new_labels.size(), job.lessons, job.replayed,
              Lasting(seconds).c_str());
  for (const auto& [name, tally] : {std::pair("lessons", gate.lessons), {"old examples", gate.old_examples}}) {
    if (tally.pairs == 0) continue;
    std::printf("gate: passed; of %zu held-back %s right: %s, before %s\n", tally.pairs, name,
                Percent(tally.new_share()).c_str(), Percent(tally.old_share()).c_str());
  }
  std::printf("calibration: temperature %s; expected calibration error %s, before %s\n",
              Digits(calibration.temperature).c_str(), Digits(calibration.error_after).c_str(),
              Digits(calibration.error_before).c_str());
  std::printf("teach: {below: %s}: %s of the held-back pairs go to the teacher, of the others %s are right; see %s\n",
              BelowText(escalation).c_str(), Percent(escalation.teacher_share).c_str(),
              Percent(escalation.own_accuracy).c_str(), (out / "card.md").c_str());
}

}  // namespace

Learn::Learn(CLI::App& app)
    : command_(app.add_subcommand("learn", "Let a student classifier learn from its teacher's answers")) {
  command_->footer(kFooter);
  command_->add_option("RECIPE", recipe_, "A LearnRecipe in YAML")->required();
  command_->add_option("OUT", out_, "The folder to write")->required();
  command_->add_flag("--force", force_, "Write over a model that is there");
  command_->add_flag("--fresh", fresh_, "Begin from the start, whatever checkpoint there is");
}

Result<Learnt> Learn::Run() const {
  const auto start = std::chrono::steady_clock::now();
  TRY_ASSIGN(const LearnRecipe recipe, ReadLearnRecipe(recipe_));
  TRY_ASSIGN(const std::string recipe_text, ReadFile(recipe_, 1u << 20));
  at::set_num_threads(static_cast<int>(recipe.training.threads));
  TRY_ASSIGN(LearnJob job, PrepareLearnJob(recipe, recipe_text));
  const auto overwrite = force_ ? model::Overwrite::kYes : model::Overwrite::kNo;
  TRY(model::CheckModelFolder(job.base.path, out_, overwrite));

  const TrainingFolder folder(out_);
  TRY(folder.Open(fresh_ ? Begin::kFresh : Begin::kWhereItWas));
  const train::RunOptions options{.checkpoint = folder.checkpoint(),
                                  .run = job.run,
                                  .check_steps = recipe.training.check_steps,
                                  .keep = train::KeptWeights::kLast};
  TRY_ASSIGN(const train::TrainedClassifier trained, RunTraining(*job.training, job.held_back, options, "learn"));
  TRY_ASSIGN(const LearnVerdict verdict, JudgeLearning(recipe, job));
  if (!verdict.gate.passed()) {
    TellRefusal(recipe, verdict.gate);
    folder.Remove();
    return Learnt::kRefused;
  }

  const train::WholeEncoder& student = job.training->student();
  model::ModelConfig config = student.config();
  config.score_temperature = verdict.calibration.temperature;
  model::FolderChanges changes{.config = train::ClassifierConfig(config),
                               .weights = train::ClassifierTensors(student, trained.weights)};
  changes.texts = LearnCards({recipe, recipe_text, job, trained.log, verdict, changes.Digest()});
  TRY(model::WriteModelFolder(job.base, changes, out_, overwrite));
  folder.Remove();
  TellSuccess(job, verdict, out_, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return Learnt::kWritten;
}

}  // namespace troupe::tools
