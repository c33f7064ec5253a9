#include "runtime/train/train_classifier.h"

#include "runtime/train/measure.h"
#include "runtime/train/named_tensors.h"

namespace troupe::train {
namespace {

BestWeights WeightsOf(const WholeEncoder& encoder) {
  BestWeights weights;
  for (const Parameter& parameter : encoder.Parameters()) weights.push_back(ToFile(parameter.name, parameter.value));
  return weights;
}

// What is left of a run that failed, for whoever reads its error.
Error WithLastGood(Error error, const RunOptions& options) {
  std::error_code ignored;
  error.message += std::filesystem::exists(options.checkpoint, ignored)
                       ? "; the last good checkpoint is " + options.checkpoint.string()
                       : "; there is no checkpoint yet";
  return error;
}

}  // namespace

Result<TrainedClassifier> TrainClassifier(ClassifierTraining& training, const EncodedTexts& held_out,
                                          const RunOptions& options, const TrainingWatch& watch) {
  TrainedClassifier trained;
  TRY_ASSIGN(auto resumed, LoadCheckpoint(options.checkpoint, options.run, training));
  if (resumed) trained = {std::move(resumed->log), std::move(resumed->best)};
  const int64_t check_steps = options.check_steps > 0 ? options.check_steps : training.steps_per_epoch();
  while (training.at() < training.steps()) {
    const auto loss = training.Step();
    if (!loss) return WithLastGood(loss.error(), options);
    trained.log.losses.push_back(*loss);
    if (training.at() % check_steps == 0 || training.at() == training.steps()) {
      const auto grade = Measure(training.student(), held_out);
      if (!grade) return WithLastGood(grade.error(), options);
      const bool is_best = trained.log.Add({training.at(), *grade});
      if (is_best || options.keep == KeptWeights::kLast) trained.weights = WeightsOf(training.student());
      if (Status saved = SaveCheckpoint(options.checkpoint, options.run, training, trained.log, trained.weights);
          !saved) {
        return WithLastGood(saved.error(), options);
      }
    }
    TRY(watch(training, trained.log));
  }
  return trained;
}

}  // namespace troupe::train
