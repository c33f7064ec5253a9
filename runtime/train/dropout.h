// Dropout (Srivastava et al., 2014): each value is left out with a probability, the others are scaled up to make good
// for it. Drawn by a generator of its own, so that a step that is run again after a crash draws the same. On one
// thread.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace troupe::train {

class Dropout {
 public:
  // `share` is left out, 0 to below 1. The same seed draws the same for the same calls.
  Dropout(double share, uint64_t seed);
  at::Tensor Apply(const at::Tensor& x);
  // Another one that draws what this one would draw next.
  Dropout Copy() const;

 private:
  Dropout(double share, at::Generator generator);

  double share_;
  at::Generator generator_;
};

}  // namespace troupe::train
