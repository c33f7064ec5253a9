// Gradients against finite differences, in the float32 that training computes in: along directions that are drawn, so
// that all values are looked at together and rounding is small beside what changes.
#pragma once

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace troupe::train {

inline at::Tensor Drawn(std::vector<int64_t> shape, uint64_t seed) {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::empty(shape, at::TensorOptions().dtype(at::kFloat)).normal_(0, 1, generator);
}

// `loss` is a number that depends on what `value` holds. The gradient that autograd gives must be its slope.
inline void ExpectGradientIsSlope(const std::function<at::Tensor()>& loss, at::Tensor value, double step = 1e-2) {
  {
    const c10::AutoGradMode on(true);
    value.set_requires_grad(true);
    loss().backward();
  }
  const at::Tensor gradient = value.grad();
  value.set_requires_grad(false);
  value.mutable_grad() = at::Tensor();
  ASSERT_TRUE(gradient.defined());
  const auto size = gradient.norm().item<double>();
  const c10::AutoGradMode off(false);
  const double rounding = 2e-5 / step;
  for (const uint64_t seed : {11, 12, 13}) {
    const at::Tensor direction = Drawn(value.sizes().vec(), seed) * step, before = value.clone();
    value.copy_(before + direction);
    const auto more = loss().item<double>();
    value.copy_(before - direction);
    const double slope = (more - loss().item<double>()) / (2 * step);
    value.copy_(before);
    EXPECT_NEAR((gradient * direction).sum(at::kDouble).item<double>() / step, slope, 1e-2 * size + rounding)
        << "seed " << seed;
  }
}

// Of all that `part` gives, in shares that are drawn, by its input.
inline void ExpectGradientIsSlopeOf(const std::function<at::Tensor(const at::Tensor&)>& part, const at::Tensor& input,
                                    double step = 1e-2) {
  const at::Tensor value = input.detach().clone();
  const at::Tensor shares = Drawn(part(value).sizes().vec(), 10);
  ExpectGradientIsSlope([&] { return (part(value) * shares).sum(at::kDouble); }, value, step);
}

}  // namespace troupe::train
