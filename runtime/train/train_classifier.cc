#include "runtime/train/train_classifier.h"

#include "runtime/train/measure.h"

namespace troupe::train {

Result<TrainedClassifier> TrainClassifier(ClassifierTraining& training, const EncodedTexts& held_out,
                                          const RunOptions& options, const TrainingWatch& watch) {
  return RunTraining(
      training, [&] { return Measure(training.student(), held_out); }, options,
      [&](const TrainingLog& log) { return watch(training, log); });
}

}  // namespace troupe::train
