// Floats as numbers of bfloat16, 16 at a time. Only for files that are compiled for AVX-512; internal to them.
#pragma once

#include <immintrin.h>

namespace troupe::kernels {
namespace {

// To bfloat16, to the nearest, in the low half of each lane; what becomes of a NaN is not said.
inline __m512i Nearest(__m512 x) {
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  return _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
}

// The same, but a NaN stays one.
inline __m512i Round(__m512 x) {
  const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  return _mm512_mask_mov_epi32(Nearest(x), nan, _mm512_set1_epi32(0x7fc0));
}

inline __m256i ToBf16(__m512 x) { return _mm512_cvtepi32_epi16(Round(x)); }

// x = high + low, both bfloat16; a NaN stays one in `high`.
inline void Split(__m512 x, __m256i& high, __m256i& low) {
  const __m512i rounded = Round(x);
  high = _mm512_cvtepi32_epi16(rounded);
  low = _mm512_cvtepi32_epi16(Nearest(_mm512_sub_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(rounded, 16)))));
}

}  // namespace
}  // namespace troupe::kernels
