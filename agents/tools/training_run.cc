#include "agents/tools/training_run.h"

#include <cstdio>

#include "agents/tools/progress_line.h"

namespace troupe::tools {

namespace fs = std::filesystem;

TrainingFolder::TrainingFolder(const fs::path& out) : path_((out / "").parent_path().string() + ".training") {}

Status TrainingFolder::Open(bool fresh) const {
  std::error_code failure;
  if (fresh) fs::remove_all(path_, failure);
  fs::create_directories(path_, failure);
  if (failure) return Internal(path_.string() + ": " + failure.message());
  return {};
}

void TrainingFolder::Remove() const {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<train::TrainedClassifier> RunTraining(train::ClassifierTraining& training, const train::EncodedTexts& held_out,
                                             const train::RunOptions& options, const std::string& what) {
  ProgressLine line(what);
  const auto watch = [&](const train::ClassifierTraining& at, const train::TrainingLog& log) -> Status {
    char text[128];
    const int length = std::snprintf(text, sizeof(text), "step %ld of %ld, loss %.4f", static_cast<long>(at.at()),
                                     static_cast<long>(at.steps()), log.losses.back());
    if (!log.checks.empty()) {
      std::snprintf(text + length, sizeof(text) - static_cast<size_t>(length), ", held out %.2f %%",
                    100 * log.checks.back().grade.accuracy);
    }
    line.Show(static_cast<double>(at.at()) / static_cast<double>(at.steps()), text);
    return {};
  };
  return train::TrainClassifier(training, held_out, options, watch);
}

}  // namespace troupe::tools
