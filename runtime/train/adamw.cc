#include "runtime/train/adamw.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "runtime/train/named_tensors.h"

namespace troupe::train {

AdamW::AdamW(std::vector<Parameter> parameters, const AdamWOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (Parameter& parameter : parameters_) {
    parameter.value.set_requires_grad(true);
    means_.push_back(at::zeros_like(parameter.value.detach()));
    squares_.push_back(at::zeros_like(parameter.value.detach()));
  }
}

double AdamW::Step(double rate) {
  const c10::AutoGradMode off(false);
  double squared = 0;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor& gradient = parameter.value.grad();
    if (gradient.defined()) squared += std::pow(gradient.norm().item<double>(), 2);
  }
  const double norm = std::sqrt(squared);
  if (!std::isfinite(norm)) return norm;
  const double clip = options_.clip_norm > 0 ? std::min(1.0, options_.clip_norm / (norm + 1e-6)) : 1.0;
  ++steps_;
  // torch's own step, which goes over memory once; it counts steps in a tensor
  const at::Tensor count = at::full({}, static_cast<double>(steps_), at::TensorOptions().dtype(at::kFloat));
  for (size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor value = parameters_[i].value, gradient = value.grad();
    if (!gradient.defined()) continue;
    if (clip < 1) gradient.mul_(clip);
    at::_fused_adamw_({value}, {gradient}, {means_[i]}, {squares_[i]}, {}, {count}, rate, options_.beta1,
                      options_.beta2, parameters_[i].decays ? options_.decay : 0, options_.epsilon, false, false);
    value.mutable_grad() = at::Tensor();
  }
  return norm;
}

std::vector<model::TensorOut> AdamW::Tensors() const {
  std::vector<model::TensorOut> tensors;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    tensors.push_back(ToFile("weights." + parameters_[i].name, parameters_[i].value));
    tensors.push_back(ToFile("means." + parameters_[i].name, means_[i]));
    tensors.push_back(ToFile("squares." + parameters_[i].name, squares_[i]));
  }
  return tensors;
}

Status AdamW::Restore(const model::Safetensors& file, int64_t steps) {
  const c10::AutoGradMode off(false);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    TRY(FromFile(file, "weights." + parameters_[i].name, parameters_[i].value));
    TRY(FromFile(file, "means." + parameters_[i].name, means_[i]));
    TRY(FromFile(file, "squares." + parameters_[i].name, squares_[i]));
  }
  steps_ = steps;
  return {};
}

double LinearShare(int64_t step, int64_t steps, int64_t warmup) {
  if (step <= warmup) return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, warmup));
  return static_cast<double>(steps - step + 1) / static_cast<double>(std::max<int64_t>(1, steps - warmup + 1));
}

}  // namespace troupe::train
