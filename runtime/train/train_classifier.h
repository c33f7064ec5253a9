// The loop around a ClassifierTraining (classifier_training.h): steps, checks on texts held out, checkpoints, and the
// best weights at the end. Runs on the caller's thread until it is through, fails, or is told to stop by its watch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/classifier_training.h"

namespace troupe::train {

// Which weights a run ends with: those of the best check, or the last ones, where what checks are made on must not
// choose what is later judged on it.
enum class KeptWeights : uint8_t { kBest, kLast };

struct RunOptions {
  // Where the checkpoint is kept; a run that finds its own there goes on from it.
  std::filesystem::path checkpoint;
  std::string run;          // SaveCheckpoint's
  int64_t check_steps = 0;  // steps between checks, each with a checkpoint; 0: an epoch
  KeptWeights keep = KeptWeights::kBest;
};

// Called after each step, with what was seen so far. An error ends the run, as a kill would.
using TrainingWatch = std::function<Status(const ClassifierTraining& training, const TrainingLog& log)>;

struct TrainedClassifier {
  TrainingLog log;
  // By the student's parameters' names.
  BestWeights weights;
};
// Errors: ClassifierTraining's, with the last good checkpoint named; LoadCheckpoint's; SaveCheckpoint's, where the
// checkpoint before is still there; the watch's.
Result<TrainedClassifier> TrainClassifier(ClassifierTraining& training, const EncodedTexts& held_out,
                                          const RunOptions& options, const TrainingWatch& watch);

}  // namespace troupe::train
