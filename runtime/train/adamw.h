// AdamW (Loshchilov and Hutter, 2019, arXiv:1711.05101): Adam with weight decay of its own, after clipping the
// gradients' common norm. Runs on the caller's thread; torch's threads help.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"
#include "runtime/model/safetensors_writer.h"
#include "runtime/train/parameter.h"

namespace troupe::train {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double decay = 0.01;     // of parameters that decay
  double clip_norm = 1.0;  // of all gradients together; 0: not clipped
};

class AdamW {
 public:
  // Asks the parameters for gradients from now on, and changes them in place.
  AdamW(std::vector<Parameter> parameters, const AdamWOptions& options);

  // A step with the gradients that are there, which are gone afterwards; a parameter without one stays as it is.
  // Gives the gradients' norm before clipping; where it is no number nothing is changed.
  double Step(double rate);

  // Steps so far.
  int64_t steps() const { return steps_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<at::Tensor>& means() const { return means_; }

  // All that a run needs to go on: the parameters, and of each the running means of gradients and of their squares. By
  // name, as float32.
  std::vector<model::TensorOut> Tensors() const;
  // Goes on from what Tensors() gave after `steps`. Errors: INVALID_ARGUMENT for a tensor that is missing or of another
  // shape.
  Status Restore(const model::Safetensors& file, int64_t steps);

 private:
  std::vector<Parameter> parameters_;
  std::vector<at::Tensor> means_, squares_;
  AdamWOptions options_;
  int64_t steps_ = 0;
};

// The share of the full rate at a step, 1 to `steps`: up in a line over the first `warmup` steps, then down in a line
// to 0 behind the last one.
double LinearShare(int64_t step, int64_t steps, int64_t warmup);

}  // namespace troupe::train
