#include "runtime/train/dropout.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty_like.h>

#include <utility>

namespace troupe::train {

Dropout::Dropout(double share, uint64_t seed) : Dropout(share, at::make_generator<at::CPUGeneratorImpl>(seed)) {}

Dropout::Dropout(double share, at::Generator generator) : share_(share), generator_(std::move(generator)) {}

at::Tensor Dropout::Apply(const at::Tensor& x) {
  if (share_ == 0) return x;
  const at::Tensor kept = at::empty_like(x.detach()).bernoulli_(1 - share_, generator_);
  return x * kept.div_(1 - share_);
}

Dropout Dropout::Copy() const { return {share_, generator_.clone()}; }

}  // namespace troupe::train
