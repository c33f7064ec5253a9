#include "agents/tools/distill.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "agents/tools/distill_card.h"
#include "agents/tools/distill_job.h"
#include "agents/tools/distill_recipe.h"
#include "agents/tools/distill_writer.h"
#include "agents/tools/progress_line.h"
#include "agents/tools/training_folder.h"
#include "agents/tools/training_run.h"
#include "agents/tools/writer_recipe.h"
#include "runtime/base/read_file.h"
#include "runtime/model/model_folder.h"
#include "runtime/train/calibration.h"
#include "runtime/train/classifier_folder.h"
#include "runtime/train/outputs.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

constexpr char kFooter[] = R"(A recipe that makes a classifier out of an encoder and labelled texts:

  apiVersion: troupe.dev/v1
  kind: DistillRecipe
  metadata: {name: bank-teacher}
  spec:
    model: models/all-minilm-l6-v2
    data: {train: [train.csv], heldOut: 0.05}
    training: {epochs: 8, rate: 2e-4, precision: bf16}

and one that makes a smaller classifier, which learns from it:

  spec:
    teacher: bank-teacher
    student: {layers: 2, feedForward: 512}       # or layers: [2, 5], or model: another-encoder
    data: {train: [train.csv], unlabelled: [questions.txt]}
    loss: {scores: 0.9, temperature: 2, states: 1}
    training: {epochs: 20, rate: 5e-4, precision: bf16}

One that makes a smaller model which writes, for one job, out of a third of the teacher's layers:

  spec:
    task: generate
    teacher: models/smollm2.gguf
    student: {layers: 10}
    data: {train: [prompts.jsonl], answers: answers.jsonl}   # the teacher writes the answers, and they are kept there
    loss: {divergence: forward, top: 32}    # or reverse, jsd; onPolicy: 0.5 lets the student write half of them
    training: {epochs: 3, batch: 16, rate: 2e-4, precision: bf16}

With adapter: {rank: 8} and a model, or student: {model: ...}, OUT is a LoRA adapter, which a generate agent takes as
its `adapter` beside the model.

Classifiers' texts are .csv with the columns text and label (or category), or .jsonl with these fields; prompts are
.jsonl with prompt (a text, or a list of {role, content}) and answer, or what 'troupe learn export' prints. OUT is a
folder that a graph, a spec and `quantize` name like any other model; card.md in it says what it was made of and how
well it does. A run that was broken off goes on when the same command is given again: its checkpoint lies in
OUT.training meanwhile. With checkpointActivations: true in training, layers take less memory and a third more time.

  troupe-agent distill bank.yaml bank-teacher)";

// Of the student with those weights, which it has from then on.
Result<train::Calibration> CalibrateOn(const train::EncodedTexts& held_out, train::WholeEncoder student,
                                       const train::BestWeights& weights) {
  train::TakeWeights(weights, student);
  student.set_products(train::Products::kFloat);
  TRY_ASSIGN(const train::Outputs outputs, train::ComputeOutputs(student, held_out));
  return train::Calibrate(outputs.logits, held_out.numbers);
}

}  // namespace

Distill::Distill(CLI::App& app)
    : command_(app.add_subcommand("distill",
                                  "Train a classifier or a model that writes, and smaller ones that learn from it")) {
  command_->footer(kFooter);
  command_->add_option("RECIPE", recipe_, "A DistillRecipe in YAML")->required();
  command_->add_option("OUT", out_, "The folder to write")->required();
  command_->add_flag("--force", force_, "Write over a model that is there");
  CLI::Option* fresh = command_->add_flag("--fresh", fresh_, "Begin from the start, whatever checkpoint there is");
  command_->add_flag("--take-best", take_best_, "Train no further: take the best weights of the checkpoint there is")
      ->excludes(fresh);
}

Status Distill::Run() const {
  const auto overwrite = force_ ? model::Overwrite::kYes : model::Overwrite::kNo;
  const Begin begin = fresh_ ? Begin::kFresh : Begin::kWhereItWas;
  const End end = take_best_ ? End::kTakeBest : End::kTrained;
  if (TaskOf(recipe_) == "generate") return DistillWriter(recipe_, out_, overwrite, begin, end);
  const auto start = std::chrono::steady_clock::now();
  TRY_ASSIGN(const DistillRecipe recipe, ReadDistillRecipe(recipe_));
  TRY_ASSIGN(const std::string recipe_text, ReadFile(recipe_, 1u << 20));
  at::set_num_threads(static_cast<int>(recipe.training.threads));
  TRY_ASSIGN(DistillJob job, PrepareDistillJob(recipe, recipe_text));
  TRY(model::CheckModelFolder(job.base.path, out_, overwrite));

  const TrainingFolder folder(out_);
  TRY(folder.Open(begin));
  const train::RunOptions options{.checkpoint = folder.checkpoint(),
                                  .run = job.run,
                                  .check_steps = recipe.training.check_steps,
                                  .take_best = end == End::kTakeBest};
  TRY_ASSIGN(const train::TrainedClassifier trained,
             RunTraining(*job.training, job.held_out, options, recipe.teacher.empty() ? "train" : "distil"));
  TRY_ASSIGN(const train::Calibration calibration, CalibrateOn(job.held_out, job.training->student(), trained.weights));

  const train::WholeEncoder& student = job.training->student();
  model::ModelConfig config = student.config();
  config.score_temperature = calibration.temperature;
  model::FolderChanges changes{.config = train::ClassifierConfig(config),
                               .weights = train::ClassifierTensors(student, trained.weights)};
  changes.texts = Cards({recipe, recipe_text, job, trained.log, calibration, changes.Digest()});
  TRY(model::WriteModelFolder(job.base, changes, out_, overwrite));
  folder.Remove();

  const train::Check& best = trained.log.best_check();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%s: %zu labels, %.2f %% of %zu texts held out right (best after step %ld), in %s; see %s\n",
              out_.c_str(), student.config().labels.size(), 100 * best.grade.accuracy, job.held_out.size(),
              static_cast<long>(best.step), Lasting(seconds).c_str(), (fs::path(out_) / "card.md").c_str());
  return {};
}

}  // namespace troupe::tools
