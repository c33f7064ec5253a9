// What all products on 512-bit registers do alike. Only for files that are compiled for AVX-512; internal to them.
#pragma once

#include <immintrin.h>

#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

// 16 numbers of binary16.
inline __m512 HalfLanes(const uint8_t* at) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}

// Puts a panel's sums where they belong.
class PanelOutput {
 public:
  PanelOutput(const MatrixView& matrix, const OutputView& output, int64_t panel)
      : values_(output.values + (panel - output.first_panel) * kLanes), stride_(output.stride), add_(output.add) {
    const int64_t left = matrix.rows - panel * kLanes;
    valid_ = left >= kLanes ? 0xffff : static_cast<__mmask16>((1 << left) - 1);
    bias_ = output.bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(valid_, output.bias + panel * kLanes);
  }

  void Write(int64_t row, __m512 sum) const {
    float* to = values_ + row * stride_;
    sum = _mm512_add_ps(sum, bias_);
    if (add_) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(valid_, to));
    _mm512_mask_storeu_ps(to, valid_, sum);
  }

 private:
  float* values_;
  int64_t stride_;
  bool add_;
  __mmask16 valid_;
  __m512 bias_;
};

}  // namespace
}  // namespace troupe::kernels
