// The loop around a Training (training.h): steps, checks on what is held out, checkpoints, and the weights that are
// kept at the end. Runs on the caller's thread until it is through, fails, or is told to stop by its watch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/training.h"
#include "runtime/train/training_log.h"

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
  // No step is taken: what the checkpoint has is the result.
  bool take_best = false;
};

// How good the weights are that there are now.
using Grader = std::function<Result<Grade>()>;
// Called after each step, with what was seen so far. An error ends the run, as a kill would.
using RunWatch = std::function<Status(const TrainingLog& log)>;

struct Trained {
  TrainingLog log;
  // As Training::Weights() gives them.
  BestWeights weights;
};
// Errors: the training's and the grader's, INTERNAL for a loss of what is held out that is no number, each with the
// last good checkpoint named; LoadCheckpoint's; SaveCheckpoint's, where the checkpoint before is still there; the
// watch's; FAILED_PRECONDITION for `take_best` without a checkpoint.
Result<Trained> RunTraining(Training& training, const Grader& grader, const RunOptions& options, const RunWatch& watch);

}  // namespace troupe::train
