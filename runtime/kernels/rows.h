// What a model does to single rows between its products. All in float32; any thread.
#pragma once

#include <cstdint>

namespace troupe::kernels {

// out = x / sqrt(mean(x^2) + eps) * weight, over n values; out may be x. Zhang and Sennrich, 2019 (arXiv:1910.07467).
void RmsNorm(const float* x, const float* weight, int64_t n, float eps, float* out);

// out = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias, over n values; out may be x. Ba et al., 2016
// (arXiv:1607.06450).
void LayerNorm(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out);

// Turns `heads` heads of `dim` values in place: of each, the first `pairs` values pair with the `pairs` after them, the
// rest stay. Su et al., 2021 (arXiv:2104.09864).
void Rotate(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines);

enum class Gate : uint8_t { kSilu, kGelu, kGeluTanh };

// out = gate(x) * up, or gate(x) where `up` is nullptr, over n values; out may be x. Shazeer, 2020 (arXiv:2002.05202).
void ApplyGate(Gate gate, const float* x, const float* up, int64_t n, float* out);

// values = cap * tanh(values / cap).
void SoftCap(float* values, int64_t n, float cap);

// The first of the largest of n values (at least one).
struct Highest {
  int64_t at = -1;  // -1 where a value is a NaN
  float value = 0;
};
Highest FindHighest(const float* x, int64_t n);

// -infinity for those of n values whose bit is not set: bit i % 32 of word i / 32, none behind the last of `count`.
void KeepAllowed(float* x, int64_t n, const uint32_t* words, int64_t count);

}  // namespace troupe::kernels
