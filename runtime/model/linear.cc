#include "runtime/model/linear.h"

#include <ATen/ops/linear.h>

#include <optional>

namespace troupe::model {
namespace {

class DenseKernel final : public LinearKernel {
 public:
  DenseKernel(at::Tensor weight, at::Tensor bias) : weight_(std::move(weight)) {
    if (bias.defined()) bias_ = std::move(bias);
  }

  at::Tensor Forward(const at::Tensor& input) const override { return at::linear(input, weight_, bias_); }
  int64_t in_features() const override { return weight_.size(1); }
  int64_t out_features() const override { return weight_.size(0); }
  int64_t parameters() const override { return weight_.numel() + (bias_ ? bias_->numel() : 0); }

 private:
  at::Tensor weight_;
  std::optional<at::Tensor> bias_;
};

}  // namespace

Result<c10::ScalarType> FloatType(WeightFormat weights) {
  if (weights == WeightFormat::kF32) return c10::kFloat;
  if (weights == WeightFormat::kBf16) return c10::kBFloat16;
  return Error{Code::kUnimplemented, "weights of 8 and 4 bits are computed with on a CPU only: set compute to bf16"};
}

Linear Linear::Dense(const at::Tensor& weight, const at::Tensor& bias, const Placement& placement) {
  const auto options = at::TensorOptions().device(placement.device).dtype(placement.dtype);
  return Linear(std::make_unique<DenseKernel>(weight.to(options).contiguous(),
                                              bias.defined() ? bias.to(options).contiguous() : at::Tensor()));
}

}  // namespace troupe::model
