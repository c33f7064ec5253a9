// e^x on 16 floats. Only for files that are compiled for AVX-512; internal to them.
#pragma once

#include <immintrin.h>

namespace troupe::kernels {
namespace {

// 2^n * e^r with n the nearest whole number to x / ln 2; e^r by its Taylor series to the sixth power, r at most
// (ln 2) / 2: an error of some units in the last place. Below -87 it stays at e^-87; a NaN stays one, which is why the
// bounds come first below.
inline __m512 Exp(__m512 x) {
  x = _mm512_min_ps(_mm512_set1_ps(88.7F), _mm512_max_ps(_mm512_set1_ps(-87.0F), x));
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F)), 0);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);  // ln 2 in two parts, so that r is exact
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
  __m512 p = _mm512_set1_ps(1.0F / 720);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(p, n);
}

}  // namespace
}  // namespace troupe::kernels
