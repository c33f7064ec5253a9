#include "runtime/model/aten_attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <limits>

namespace troupe::model {

AtenAttention::AtenAttention(const ModelConfig& config)
    : scale_(AttentionScale(config)), softcap_(config.decoder.attention_softcap) {}

at::Tensor AtenAttention::Product(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                                  const std::optional<at::Tensor>& mask, Causality causality) const {
  const int64_t group = queries.size(1) / keys.size(1);
  // On CUDA torch's fused kernels know heads that share keys or a mask, not both.
  const bool repeats = group != 1 && (softcap_ != 0 || (mask && queries.is_cuda()));
  const at::Tensor k = repeats ? keys.repeat_interleave(group, 1) : keys;
  const at::Tensor v = repeats ? values.repeat_interleave(group, 1) : values;
  if (softcap_ == 0) {
    return at::scaled_dot_product_attention(queries, k, v, mask, 0.0, causality == Causality::kCausal, scale_,
                                            group != 1 && !repeats);
  }
  at::Tensor capped = at::tanh(at::matmul(queries, k.transpose(-2, -1)) * (scale_ / softcap_)) * softcap_;
  if (mask && mask->scalar_type() == at::kBool) {
    capped = capped.masked_fill(mask->logical_not(), -std::numeric_limits<float>::infinity());
  } else if (mask) {
    capped = capped + *mask;
  }
  return at::matmul(at::softmax(capped, -1, at::kFloat).to(v.scalar_type()), v);
}

}  // namespace troupe::model
