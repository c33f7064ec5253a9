// What is done row by row, with AVX-512.
#include <immintrin.h>

#include <cstdint>

#include "runtime/kernels/exp_avx512.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

inline __mmask16 Left(int64_t n) { return n >= 16 ? 0xffff : static_cast<__mmask16>((1 << n) - 1); }

}  // namespace

void RmsNormAvx512(const float* x, const float* weight, int64_t n, float eps, float* out) {
  __m512 sum = _mm512_setzero_ps();
  for (int64_t i = 0; i < n; i += 16) {
    const __m512 v = _mm512_maskz_loadu_ps(Left(n - i), x + i);
    sum = _mm512_fmadd_ps(v, v, sum);
  }
  const float mean = _mm512_reduce_add_ps(sum) / static_cast<float>(n);
  const __m512 factor = _mm512_set1_ps(1 / __builtin_sqrtf(mean + eps));
  for (int64_t i = 0; i < n; i += 16) {
    const __mmask16 left = Left(n - i);
    const __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(left, x + i), factor);
    _mm512_mask_storeu_ps(out + i, left, _mm512_mul_ps(v, _mm512_maskz_loadu_ps(left, weight + i)));
  }
}

void RotateAvx512(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines) {
  for (int64_t head = 0; head < heads; ++head, x += dim) {
    for (int64_t i = 0; i < pairs; i += 16) {
      const __mmask16 left = Left(pairs - i);
      const __m512 first = _mm512_maskz_loadu_ps(left, x + i);
      const __m512 second = _mm512_maskz_loadu_ps(left, x + i + pairs);
      const __m512 c = _mm512_maskz_loadu_ps(left, cosines + i);
      const __m512 s = _mm512_maskz_loadu_ps(left, sines + i);
      _mm512_mask_storeu_ps(x + i, left, _mm512_fmsub_ps(first, c, _mm512_mul_ps(second, s)));
      _mm512_mask_storeu_ps(x + i + pairs, left, _mm512_fmadd_ps(second, c, _mm512_mul_ps(first, s)));
    }
  }
}

void LayerNormAvx512(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out) {
  __m512 sum = _mm512_setzero_ps(), squares = _mm512_setzero_ps();
  for (int64_t i = 0; i < n; i += 16) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(Left(n - i), x + i));
  const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / static_cast<float>(n));
  for (int64_t i = 0; i < n; i += 16) {
    const __mmask16 left = Left(n - i);
    const __m512 v = _mm512_maskz_sub_ps(left, _mm512_maskz_loadu_ps(left, x + i), mean);
    squares = _mm512_fmadd_ps(v, v, squares);
  }
  const float variance = _mm512_reduce_add_ps(squares) / static_cast<float>(n);
  const __m512 factor = _mm512_set1_ps(1 / __builtin_sqrtf(variance + eps));
  for (int64_t i = 0; i < n; i += 16) {
    const __mmask16 left = Left(n - i);
    const __m512 v = _mm512_mul_ps(_mm512_sub_ps(_mm512_maskz_loadu_ps(left, x + i), mean), factor);
    _mm512_mask_storeu_ps(
        out + i, left,
        _mm512_fmadd_ps(v, _mm512_maskz_loadu_ps(left, weight + i), _mm512_maskz_loadu_ps(left, bias + i)));
  }
}

namespace {

template <class Function>
inline void ForGate(const float* x, const float* up, int64_t n, float* out, Function function) {
  for (int64_t i = 0; i < n; i += 16) {
    const __mmask16 left = Left(n - i);
    __m512 value = function(_mm512_maskz_loadu_ps(left, x + i));
    if (up != nullptr) value = _mm512_mul_ps(value, _mm512_maskz_loadu_ps(left, up + i));
    _mm512_mask_storeu_ps(out + i, left, value);
  }
}

// x / (1 + e^-y)
inline __m512 Logistic(__m512 x, __m512 y) {
  return _mm512_div_ps(x, _mm512_add_ps(_mm512_set1_ps(1), Exp(_mm512_sub_ps(_mm512_setzero_ps(), y))));
}

// erf(|x|) = 1 - (a1 t + ... + a5 t^5) e^(-x^2) with t = 1 / (1 + p |x|), to 1.5e-7: Abramowitz and Stegun, 7.1.26.
inline __m512 Erf(__m512 x) {
  const __m512 one = _mm512_set1_ps(1), size = _mm512_abs_ps(x);
  const __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(_mm512_set1_ps(0.3275911F), size, one));
  __m512 sum = _mm512_set1_ps(1.061405429F);
  sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(-1.453152027F));
  sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(1.421413741F));
  sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(-0.284496736F));
  sum = _mm512_fmadd_ps(sum, t, _mm512_set1_ps(0.254829592F));
  const __m512 left =
      _mm512_mul_ps(_mm512_mul_ps(sum, t), Exp(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_mul_ps(x, x))));
  const __m512i sign = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(static_cast<int>(0x80000000)));
  return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(_mm512_sub_ps(one, left)), sign));
}

}  // namespace

void SiluAvx512(const float* x, const float* up, int64_t n, float* out) {
  ForGate(x, up, n, out, [](__m512 v) { return Logistic(v, v); });
}

void GeluAvx512(const float* x, const float* up, int64_t n, float* out) {
  ForGate(x, up, n, out, [](__m512 v) {
    const __m512 half = _mm512_mul_ps(v, _mm512_set1_ps(0.5F));
    return _mm512_fmadd_ps(half, Erf(_mm512_mul_ps(v, _mm512_set1_ps(0.70710678F))), half);
  });
}

void GeluTanhAvx512(const float* x, const float* up, int64_t n, float* out) {
  ForGate(x, up, n, out, [](__m512 v) {
    const __m512 cube = _mm512_mul_ps(_mm512_mul_ps(v, v), v);
    const __m512 inner = _mm512_fmadd_ps(cube, _mm512_set1_ps(0.044715F), v);
    return Logistic(v, _mm512_mul_ps(inner, _mm512_set1_ps(2 * 0.79788456F)));  // (1 + tanh y) / 2 = 1 / (1 + e^-2y)
  });
}

void QuantizeAvx512(const float* x, int64_t n, int64_t block, int shift, int32_t middle, int8_t* high, int8_t* low,
                    float* scales, float* sums, int32_t* starts) {
  const __m512i half = _mm512_set1_epi32(1 << (shift - 1));
  const __m128i bits = _mm_cvtsi32_si128(shift);
  const auto largest_code = static_cast<float>(kLargestHigh << shift);
  for (int64_t begin = 0; begin < n; begin += block, ++scales, ++sums, ++starts) {
    __m512 largest = _mm512_setzero_ps();
    unsigned nan = 0;
    for (int64_t i = 0; i < block; i += 16) {
      const __m512 v = _mm512_maskz_loadu_ps(Left(block - i), x + begin + i);
      largest = _mm512_max_ps(largest, _mm512_abs_ps(v));
      nan |= _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    }
    // No code stands for a NaN or an infinity: the scale does, so that it comes out of the product.
    const float most = nan != 0 ? __builtin_nanf("") : _mm512_reduce_max_ps(largest);
    const bool finite = most > 0 && most < __builtin_inff();
    const __m512 inverse = _mm512_set1_ps(finite ? largest_code / most : 0);
    const __mmask16 codes = finite ? 0xffff : 0;
    __m512i sum = _mm512_setzero_si512();
    for (int64_t i = 0; i < block; i += 16) {
      const __mmask16 left = Left(block - i);
      const __m512i code =
          _mm512_maskz_cvtps_epi32(codes, _mm512_mul_ps(_mm512_maskz_loadu_ps(left, x + begin + i), inverse));
      sum = _mm512_add_epi32(sum, code);
      const __m512i upper = _mm512_sra_epi32(_mm512_add_epi32(code, half), bits);
      _mm512_mask_cvtepi32_storeu_epi8(high + begin + i, left, upper);
      _mm512_mask_cvtepi32_storeu_epi8(low + begin + i, left, _mm512_sub_epi32(code, _mm512_sll_epi32(upper, bits)));
    }
    const int32_t total = _mm512_reduce_add_epi32(sum);
    *scales = most / largest_code;
    *sums = *scales * static_cast<float>(total);
    *starts = -middle * total;
  }
}

int64_t FindHighestAvx512(const float* x, int64_t n, float* highest) {
  const __m512 lowest = _mm512_set1_ps(-__builtin_inff());
  __m512 best = lowest;
  __m512i best_at = _mm512_setzero_si512();
  __m512i at = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  unsigned nan = 0;
  for (int64_t i = 0; i < n; i += 16) {
    const __m512 v = _mm512_mask_loadu_ps(lowest, Left(n - i), x + i);
    nan |= _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    const __mmask16 higher = _mm512_cmp_ps_mask(v, best, _CMP_GT_OQ);
    best = _mm512_mask_mov_ps(best, higher, v);
    best_at = _mm512_mask_mov_epi32(best_at, higher, at);
    at = _mm512_add_epi32(at, _mm512_set1_epi32(16));
  }
  if (nan != 0) return -1;
  *highest = _mm512_reduce_max_ps(best);
  const __mmask16 equal = _mm512_cmp_ps_mask(best, _mm512_set1_ps(*highest), _CMP_EQ_OQ);
  return _mm512_mask_reduce_min_epi32(equal, best_at);
}

void KeepAllowedAvx512(float* x, int64_t n, const uint32_t* words, int64_t count) {
  const __m512 never = _mm512_set1_ps(-__builtin_inff());
  for (int64_t i = 0; i < n; i += 16) {
    const uint32_t word = i / 32 < count ? words[i / 32] : 0;
    const auto allowed = static_cast<__mmask16>(word >> (i % 32));
    const __mmask16 left = Left(n - i);
    _mm512_mask_storeu_ps(x + i, left & static_cast<__mmask16>(~allowed), never);
  }
}

}  // namespace troupe::kernels
