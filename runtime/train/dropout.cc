#include "runtime/train/dropout.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty_like.h>

namespace troupe::train {

Dropout::Dropout(double share, uint64_t seed)
    : share_(share), generator_(at::make_generator<at::CPUGeneratorImpl>(seed)) {}

at::Tensor Dropout::Apply(const at::Tensor& x) {
  if (share_ == 0) return x;
  const at::Tensor kept = at::empty_like(x.detach()).bernoulli_(1 - share_, generator_);
  return x * kept.div_(1 - share_);
}

}  // namespace troupe::train
