// A classifier's run of training (training_run.h), graded by texts that are held out.
#pragma once

#include <functional>

#include "runtime/base/error.h"
#include "runtime/train/classifier_training.h"
#include "runtime/train/training_run.h"

namespace troupe::train {

// Called after each step, with what was seen so far. An error ends the run, as a kill would.
using TrainingWatch = std::function<Status(const ClassifierTraining& training, const TrainingLog& log)>;

using TrainedClassifier = Trained;
// Errors: RunTraining's.
Result<TrainedClassifier> TrainClassifier(ClassifierTraining& training, const EncodedTexts& held_out,
                                          const RunOptions& options, const TrainingWatch& watch);

}  // namespace troupe::train
