// How long, how fast and in what numbers a model is trained: the `training` of every recipe.
#pragma once

#include <cstdint>

#include "runtime/train/classifier_training.h"

namespace troupe::tools {

struct TrainingSettings {
  int64_t epochs = 8;
  int64_t batch = 32;
  int64_t accumulate = 1;
  double rate = 1e-4;
  double warmup = 0.06;
  double decay = 0.01;
  double clip = 1;
  int64_t check_steps = 0;
  uint64_t seed = 1;
  bool bfloat16 = false;
  bool checkpoint_activations = false;
  int64_t threads = 1;

  train::Products products() const { return bfloat16 ? train::Products::kBfloat16 : train::Products::kFloat; }
  train::Activations activations() const {
    return checkpoint_activations ? train::Activations::kRecomputed : train::Activations::kKept;
  }
};

struct ClassifierSettings : TrainingSettings {
  double dropout = 0.1;
  double smoothing = 0;

  train::TrainingOptions Options() const {
    return {.epochs = epochs,
            .batch = batch,
            .accumulate = accumulate,
            .rate = rate,
            .warmup = warmup,
            .dropout = dropout,
            .smoothing = smoothing,
            .optimizer = {.decay = decay, .clip_norm = clip},
            .seed = seed,
            .products = products(),
            .activations = activations()};
  }
};

}  // namespace troupe::tools
