#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/kernels/table.h"

namespace troupe::kernels {

void RmsNormPortable(const float* x, const float* weight, int64_t n, float eps, float* out) {
  float sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
  const float factor = 1 / std::sqrt(sum / static_cast<float>(n) + eps);
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] * factor * weight[i];
}

void RotatePortable(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines) {
  for (int64_t head = 0; head < heads; ++head, x += dim) {
    for (int64_t i = 0; i < pairs; ++i) {
      const float first = x[i], second = x[i + pairs];
      x[i] = first * cosines[i] - second * sines[i];
      x[i + pairs] = second * cosines[i] + first * sines[i];
    }
  }
}

void LayerNormPortable(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out) {
  float sum = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  const float mean = sum / static_cast<float>(n);
  for (int64_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float factor = 1 / std::sqrt(squares / static_cast<float>(n) + eps);
  for (int64_t i = 0; i < n; ++i) out[i] = (x[i] - mean) * factor * weight[i] + bias[i];
}

void SiluPortable(const float* x, const float* up, int64_t n, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] / (1 + std::exp(-x[i])) * (up == nullptr ? 1 : up[i]);
}

void GeluPortable(const float* x, const float* up, int64_t n, float* out) {
  for (int64_t i = 0; i < n; ++i) {
    out[i] = 0.5F * x[i] * (1 + std::erf(x[i] * 0.70710678F)) * (up == nullptr ? 1 : up[i]);
  }
}

void GeluTanhPortable(const float* x, const float* up, int64_t n, float* out) {
  for (int64_t i = 0; i < n; ++i) {
    const float inner = 0.79788456F * (x[i] + 0.044715F * x[i] * x[i] * x[i]);
    out[i] = 0.5F * x[i] * (1 + std::tanh(inner)) * (up == nullptr ? 1 : up[i]);
  }
}

void QuantizePortable(const float* x, int64_t n, int64_t block, int shift, int32_t middle, int8_t* high, int8_t* low,
                      float* scales, float* sums, int32_t* starts) {
  for (int64_t begin = 0; begin < n; begin += block, ++scales, ++sums, ++starts) {
    const auto largest_code = static_cast<float>(kLargestHigh << shift);
    float largest = 0;
    // No code stands for a NaN or an infinity: the scale does, so that it comes out of the product.
    for (int64_t i = begin; i < begin + block; ++i)
      largest = std::isnan(x[i]) ? x[i] : std::max(largest, std::abs(x[i]));
    const bool finite = largest > 0 && std::isfinite(largest);
    const float inverse = finite ? largest_code / largest : 0;
    int32_t sum = 0;
    for (int64_t i = begin; i < begin + block; ++i) {
      const int32_t code = finite ? static_cast<int32_t>(std::nearbyint(x[i] * inverse)) : 0;
      const int32_t upper = (code + (1 << (shift - 1))) >> shift;
      high[i] = static_cast<int8_t>(upper);
      low[i] = static_cast<int8_t>(code - upper * (1 << shift));
      sum += code;
    }
    *scales = largest / largest_code;
    *sums = *scales * static_cast<float>(sum);
    *starts = -middle * sum;
  }
}

int64_t FindHighestPortable(const float* x, int64_t n, float* highest) {
  int64_t at = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (std::isnan(x[i])) return -1;
    if (x[i] > x[at]) at = i;
  }
  *highest = x[at];
  return at;
}

void KeepAllowedPortable(float* x, int64_t n, const uint32_t* words, int64_t count) {
  for (int64_t i = 0; i < n; ++i) {
    if (i / 32 >= count || ((words[i / 32] >> (i % 32)) & 1) == 0) x[i] = -INFINITY;
  }
}

}  // namespace troupe::kernels
