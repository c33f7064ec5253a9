#include "runtime/train/training_run.h"

#include <cmath>

#include "runtime/train/named_tensors.h"

namespace troupe::train {
namespace {

BestWeights WeightsOf(const Training& training) {
  BestWeights weights;
  for (const Parameter& parameter : training.Weights()) weights.push_back(ToFile(parameter.name, parameter.value));
  return weights;
}

// What is left of a run that failed, for whoever reads its error.
Error WithLastGood(Error error, const RunOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.checkpoint, ignored)) {
    error.message += "; there is no checkpoint yet";
    return error;
  }
  error.message += "; the last good checkpoint is " + options.checkpoint.string();
  if (options.keep == KeptWeights::kBest) error.message += ", of whose best weights --take-best makes a model";
  return error;
}

// Weights that cannot be judged must not take the place of good ones.
Result<Grade> Judge(const Grader& grader, int64_t step) {
  auto grade = grader();
  if (grade && !std::isfinite(grade->loss)) {
    return Internal("training went astray: behind step " + std::to_string(step) +
                    " the loss of what is held out is no number; " + kSmallerRate);
  }
  return grade;
}

}  // namespace

Result<Trained> RunTraining(Training& training, const Grader& grader, const RunOptions& options,
                            const RunWatch& watch) {
  Trained trained;
  TRY_ASSIGN(auto resumed, LoadCheckpoint(options.checkpoint, options.run, training));
  if (resumed) trained = {std::move(resumed->log), std::move(resumed->best)};
  if (options.take_best) {
    if (trained.log.best >= 0) return trained;
    return FailedPrecondition(options.checkpoint.string() + ": there is no checkpoint whose weights could be taken");
  }
  const int64_t check_steps = options.check_steps > 0 ? options.check_steps : training.steps_per_epoch();
  while (training.at() < training.steps()) {
    const auto loss = training.Step();
    if (!loss) return WithLastGood(loss.error(), options);
    trained.log.losses.push_back(*loss);
    if (training.at() % check_steps == 0 || training.at() == training.steps()) {
      const auto grade = Judge(grader, training.at());
      if (!grade) return WithLastGood(grade.error(), options);
      const bool is_best = trained.log.Add({training.at(), *grade});
      if (is_best || options.keep == KeptWeights::kLast) trained.weights = WeightsOf(training);
      if (Status saved = SaveCheckpoint(options.checkpoint, options.run, training, trained.log, trained.weights);
          !saved) {
        return WithLastGood(saved.error(), options);
      }
    }
    TRY(watch(trained.log));
  }
  return trained;
}

}  // namespace troupe::train
