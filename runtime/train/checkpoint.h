// A run of training on disk, in one safetensors file: all that it needs to go on, and the best weights so far. The file
// is replaced as a whole, so that whenever the process is killed the last checkpoint is there and good.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/train/classifier_training.h"
#include "runtime/train/training_log.h"

namespace troupe::train {

// The weights that a run would end with: of its best check so far, or of the last one.
using BestWeights = std::vector<model::TensorOut>;

// `run` names what is trained, on what and how (a digest): only the same run goes on from it. Errors: WriteFile's.
Status SaveCheckpoint(const std::filesystem::path& file, const std::string& run, const ClassifierTraining& training,
                      const TrainingLog& log, const BestWeights& best);

struct Resumed {
  TrainingLog log;
  BestWeights best;
};
// Brings `training` to where the checkpoint is; nothing where there is no file. Errors: FAILED_PRECONDITION for another
// run's, INVALID_ARGUMENT for a file that is no checkpoint, each saying what to do.
Result<std::optional<Resumed>> LoadCheckpoint(const std::filesystem::path& file, const std::string& run,
                                              ClassifierTraining& training);

}  // namespace troupe::train
