// Quantisation before training ends (QAT): the model on its grids learns to predict what the full model predicts
// (Hinton et al., 2015, arXiv:1503.02531: the loss is KL(full || this) of the next token's distribution), while its
// weights stay on their grids at every step (trained_grid.h). Norms and biases stay as they are.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "runtime/base/error.h"
#include "runtime/quantize/quantize.h"
#include "runtime/quantize/trained_grid.h"

namespace troupe::quantize {

struct DistillOptions {
  int64_t steps = 200;
  int64_t batch = 2;  // windows a step
  // At the height of the schedule: from 0 up over the first twentieth of the steps, then down to 0 as a cosine.
  StepRates rates{.code = 0.004, .scale = 0.001};
  // In which order windows come: all of them, then all again in another order.
  uint64_t seed = 1;
  // Products in bfloat16, or else float32.
  bool half = true;
};

// After each step: how many there were, and the loss of its windows before it, nats a token.
using Watch = std::function<void(int64_t step, double loss)>;

// From `start` (best Quantize's, calibrated) to better grids of the same kind. The same options, windows and number of
// threads give the same grids. Errors: WholeDecoder::Load's, INVALID_ARGUMENT without windows, INTERNAL for what torch
// throws and for a loss that is no number.
Result<Grids> Distill(const model::ModelConfig& config, const model::WeightSource& full, const Grids& start,
                      std::span<const train::Window> windows, const DistillOptions& options, const Watch& watch);

// The share of the full rates at a step, 1 to steps.
double RateAt(int64_t step, int64_t steps);

}  // namespace troupe::quantize
