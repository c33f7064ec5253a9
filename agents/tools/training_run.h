// A run of training as a command does it: its checkpoint beside what it will write, a line of progress meanwhile.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/base/error.h"
#include "runtime/train/train_classifier.h"

namespace troupe::tools {

// OUT.training, where a run that was broken off left its checkpoint.
class TrainingFolder {
 public:
  explicit TrainingFolder(const std::filesystem::path& out);

  // Makes it; anew where `fresh`. Errors: INTERNAL.
  Status Open(bool fresh) const;
  std::filesystem::path checkpoint() const { return path_ / "checkpoint.safetensors"; }
  // What is left of it costs room and nothing else.
  void Remove() const;

 private:
  std::filesystem::path path_;
};

// `what` says on stderr what is done: "train". Errors: TrainClassifier's.
Result<train::TrainedClassifier> RunTraining(train::ClassifierTraining& training, const train::EncodedTexts& held_out,
                                             const train::RunOptions& options, const std::string& what);

}  // namespace troupe::tools
