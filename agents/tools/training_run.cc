#include "agents/tools/training_run.h"

#include <cstdio>

namespace troupe::tools {

void ShowStep(ProgressLine& line, const train::Training& training, const train::TrainingLog& log,
              const std::string& of) {
  char text[128];
  const int length = std::snprintf(text, sizeof(text), "step %ld of %ld, loss %.4f", static_cast<long>(training.at()),
                                   static_cast<long>(training.steps()), log.losses.back());
  if (!log.checks.empty()) {
    std::snprintf(text + length, sizeof(text) - static_cast<size_t>(length), ", held out %.2f %%%s",
                  100 * log.checks.back().grade.accuracy, of.c_str());
  }
  line.Show(static_cast<double>(training.at()) / static_cast<double>(training.steps()), text);
}

Result<train::TrainedClassifier> RunTraining(train::ClassifierTraining& training, const train::EncodedTexts& held_out,
                                             const train::RunOptions& options, const std::string& what) {
  ProgressLine line(what);
  return train::TrainClassifier(training, held_out, options,
                                [&](const train::ClassifierTraining& at, const train::TrainingLog& log) -> Status {
                                  ShowStep(line, at, log);
                                  return {};
                                });
}

}  // namespace troupe::tools
