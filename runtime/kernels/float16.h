// The two half-width number formats, as bits: IEEE 754 binary16 (scales) and bfloat16 (keys, values, weights).
#pragma once

#include <bit>
#include <cstdint>

namespace troupe::kernels {

float HalfToFloat(uint16_t half);
// To the nearest, ties to even; beyond the range to infinity.
uint16_t FloatToHalf(float value);

inline float Bf16ToFloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
// To the nearest, ties to even; a NaN stays one.
inline uint16_t FloatToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace troupe::kernels
