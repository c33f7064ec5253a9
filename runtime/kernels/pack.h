// Where things are in a panel of a packed matrix. Internal to the folder.
//
//   kF32   [columns][16 rows] float
//   kBf16  [columns / 2][16 rows][2] bfloat16; an odd last column is followed by zeros
//   kU8    scales, offsets, then [columns / 4][16 rows][4] bytes
//   kU4    scales, offsets, then [columns / 8][16 rows][4] bytes: column k + j in the low half of byte j, k + 4 + j in
//          the high half
//
// Scales and offsets: [columns / group][16 rows] binary16, each part padded to 64 bytes; offsets only where there are
// any. Rows beyond the last are zeros.
#pragma once

#include <cstdint>

namespace troupe::kernels {

constexpr int64_t RoundUp(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

// Bytes of a panel's scales (or offsets).
constexpr int64_t ScaleBytes(int64_t columns, int64_t group) { return RoundUp(columns / group * 32, 64); }

}  // namespace troupe::kernels
