// A run of training as a command does it, with a line of progress meanwhile.
#pragma once

#include <string>

#include "agents/tools/progress_line.h"
#include "runtime/base/error.h"
#include "runtime/train/train_classifier.h"
#include "runtime/train/training.h"
#include "runtime/train/training_log.h"

namespace troupe::tools {

// After a step: how far it is, its loss, and what share was right of what is held out; `of` says of what: " of tokens".
void ShowStep(ProgressLine& line, const train::Training& training, const train::TrainingLog& log,
              const std::string& of = "");

// `what` says on stderr what is done: "train". Errors: TrainClassifier's.
Result<train::TrainedClassifier> RunTraining(train::ClassifierTraining& training, const train::EncodedTexts& held_out,
                                             const train::RunOptions& options, const std::string& what);

}  // namespace troupe::tools
