// A linear layer's weight in whatever form it is kept. Models hold Linear and never look inside, so that packed int8
// and int4 weights are further forms, not further models.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <memory>

#include "runtime/base/error.h"
#include "runtime/model/weight_format.h"

namespace troupe::model {

// Where and in what format a model computes.
struct Placement {
  c10::Device device = c10::kCPU;
  c10::ScalarType dtype = c10::kFloat;
};

// ATen's type of numbers for weights in this format. UNIMPLEMENTED for grids.
Result<c10::ScalarType> FloatType(WeightFormat weights);

class LinearKernel {
 public:
  virtual ~LinearKernel() = default;
  // [rows, in] to [rows, out], in the dtype of the input.
  virtual at::Tensor Forward(const at::Tensor& input) const = 0;
  virtual int64_t in_features() const = 0;
  virtual int64_t out_features() const = 0;
  virtual int64_t parameters() const = 0;
};

class Linear {
 public:
  Linear() = default;
  explicit Linear(std::unique_ptr<LinearKernel> kernel) : kernel_(std::move(kernel)) {}
  // Kept as it is in `placement`'s format. weight [out, in], bias [out] or undefined.
  static Linear Dense(const at::Tensor& weight, const at::Tensor& bias, const Placement& placement);

  at::Tensor Forward(const at::Tensor& input) const { return kernel_->Forward(input); }
  int64_t in_features() const { return kernel_->in_features(); }
  int64_t out_features() const { return kernel_->out_features(); }
  int64_t parameters() const { return kernel_->parameters(); }

 private:
  std::unique_ptr<LinearKernel> kernel_;
};

}  // namespace troupe::model
