// Weights and inputs for layers, from a seed.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>

#include <random>

namespace troupe::quantize {

inline at::Tensor Random(int64_t rows, int64_t columns, uint32_t seed, float spread = 1) {
  at::Tensor tensor = at::empty({rows, columns}, at::TensorOptions().dtype(at::kFloat));
  std::mt19937 random(seed);
  auto* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    float sum = 0;  // of four: close enough to a normal distribution
    for (int j = 0; j < 4; ++j) sum += static_cast<float>(random() >> 8) / static_cast<float>(1 << 24) - 0.5f;
    values[i] = sum * spread;
  }
  return tensor;
}

// Of inputs that depend on each other, as a layer's do: all are mixtures of a few.
inline at::Tensor CorrelatedHessian(int64_t columns, uint32_t seed) {
  const at::Tensor inputs =
      at::matmul(Random(512, 8, seed), Random(8, columns, seed + 1)) + Random(512, columns, seed + 2, 0.3f);
  return at::matmul(inputs.t(), inputs) / 512;
}

}  // namespace troupe::quantize
