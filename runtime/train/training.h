// What a loop of training (training_run.h) drives and a checkpoint keeps, whatever is trained: a number of steps, each
// of which follows from the weights, the seed and its own number alone.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/train/parameter.h"

namespace troupe::train {

// What to do about a loss that is no number.
inline constexpr char kSmallerRate[] = "give the recipe a smaller 'rate' and begin anew with --fresh";

class Training {
 public:
  virtual ~Training() = default;

  virtual int64_t steps_per_epoch() const = 0;
  virtual int64_t steps() const = 0;
  // Steps done.
  virtual int64_t at() const = 0;

  // The next step; its mean loss before it. Errors: INTERNAL for a loss or a gradient that is no number, which changes
  // nothing, and for what torch throws; RESOURCE_EXHAUSTED for memory.
  Result<double> Step();

  // What comes out of it, in an order that follows from the model.
  virtual std::vector<Parameter> Weights() const = 0;

  // All that a run needs to go on: weights, and what the optimiser remembers. By name, as float32.
  virtual std::vector<model::TensorOut> Tensors() const = 0;
  // Goes on from what Tensors() gave after `at` steps. Errors: INVALID_ARGUMENT for a tensor that is missing or of
  // another shape.
  virtual Status Restore(const model::Safetensors& file, int64_t at) = 0;

 protected:
  Training() = default;
  Training(Training&&) = default;
  Training& operator=(Training&&) = default;

  // Step's, with gradients on; may throw.
  virtual Result<double> TryStep() = 0;
  // Of that step.
  static Error WentAstray(int64_t step);
};

}  // namespace troupe::train
