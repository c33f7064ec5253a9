#include "agents/tools/distill_writer.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>

#include "agents/tools/progress_line.h"
#include "agents/tools/training_run.h"
#include "agents/tools/writer_card.h"
#include "agents/tools/writer_job.h"
#include "runtime/base/read_file.h"
#include "runtime/model/adapter_folder.h"
#include "runtime/train/decoder_folder.h"
#include "runtime/train/grade_answers.h"
#include "runtime/train/training_run.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

Result<train::Trained> Train(WriterJob& job, const WriterRecipe& recipe, const fs::path& checkpoint, End end) {
  ProgressLine line(recipe.teacher.empty() ? "train" : "distil");
  train::DecoderTraining& training = *job.training;
  return train::RunTraining(
      training, [&] { return train::GradeAnswers(training.student(), job.texts.held_out, train::Reader::kStudent); },
      {.checkpoint = checkpoint,
       .run = job.run,
       .check_steps = recipe.training.check_steps,
       .take_best = end == End::kTakeBest},
      [&](const train::TrainingLog& log) -> Status {
        ShowStep(line, training, log, " of tokens");
        return {};
      });
}

// Whether the result may be written there, before a teacher works for hours.
Status CheckOut(const WriterRecipe& recipe, const fs::path& out, model::Overwrite overwrite) {
  if (recipe.rank > 0) return model::CheckAdapterFolder(out, overwrite);
  for (const fs::path* model : {&recipe.teacher, &recipe.model, &recipe.student_model}) {
    if (!model->empty()) TRY(model::CheckModelFolder(*model, out, overwrite));
  }
  return {};
}

// A model, or an adapter of one, with its card.
Status Write(WriterCardFacts facts, const train::BestWeights& weights, const fs::path& out,
             model::Overwrite overwrite) {
  const WriterJob& job = facts.job;
  const model::ModelConfig& config = job.training->student().config();
  auto tensors = train::DecoderTensors(config, weights);
  if (facts.recipe.rank > 0) {
    model::AdapterOut adapter{.rank = facts.recipe.rank,
                              .alpha = facts.recipe.alpha,
                              .base_name = job.base.path.filename().string(),
                              .base_sha256 = job.base_sha256,
                              .tensors = std::move(tensors)};
    facts.digest = adapter.Digest();
    adapter.texts = WriterCards(facts);
    return model::WriteAdapterFolder(adapter, out, overwrite);
  }
  model::FolderChanges changes{.config = train::DecoderChanges(config), .weights = std::move(tensors)};
  facts.digest = changes.Digest();
  changes.texts = WriterCards(facts);
  return model::WriteModelFolder(job.base, changes, out, overwrite);
}

}  // namespace

Status DistillWriter(const fs::path& recipe_file, const fs::path& out, model::Overwrite overwrite, Begin begin,
                     End end) {
  const auto start = std::chrono::steady_clock::now();
  TRY_ASSIGN(const WriterRecipe recipe, ReadWriterRecipe(recipe_file));
  TRY_ASSIGN(const std::string recipe_text, ReadFile(recipe_file, 1u << 20));
  at::set_num_threads(static_cast<int>(recipe.training.threads));
  TRY(CheckOut(recipe, out, overwrite));
  const TrainingFolder folder(out);
  TRY(folder.Open(begin));
  TRY_ASSIGN(WriterJob job, PrepareWriterJob(recipe, recipe_text, folder.path()));
  TRY_ASSIGN(const train::Trained trained, Train(job, recipe, folder.checkpoint(), end));

  const model::ModelConfig& config = job.training->student().config();
  TRY(Write({recipe, recipe_text, job, trained.log, ""}, trained.weights, out, overwrite));
  folder.Remove();

  const train::Check& best = trained.log.best_check();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf(
      "%s: %ld layers, guesses %.2f %% of the tokens of %zu answers held out (best after step %ld), in %s; see "
      "%s\n",
      out.c_str(), static_cast<long>(config.layers), 100 * best.grade.accuracy, job.texts.held_out.size(),
      static_cast<long>(best.step), Lasting(seconds).c_str(), (out / "card.md").c_str());
  return {};
}

}  // namespace troupe::tools
