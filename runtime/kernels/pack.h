// Where things are in a panel of a packed matrix. Internal to the folder.
//
//   kF32   [columns][16 rows] float
//   kBf16  [columns / 2][16 rows][2] bfloat16; zeros follow up to a multiple of 32 columns
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

// Rows of activations that are multiplied together at most: their buffers have room for a multiple of so many.
constexpr int64_t kRowsAtOnce = 16;
// Columns of bfloat16 that are multiplied at once.
constexpr int64_t kBf16Step = 32;
// Blocks of columns that a tile of sums goes through at a time.
constexpr int64_t kBlocksAtOnce = 4;
// Codes of two panels' blocks, one in a byte, twice.
constexpr int64_t kCodeScratchBytes = 4 * 16 * kBlocksAtOnce * 128;
// Bytes of InputView::scratch: those codes, and sums of two panels' rows twice.
constexpr int64_t ScratchBytes(int64_t rows) { return kCodeScratchBytes + 2 * RoundUp(rows, kRowsAtOnce) * 2 * 16 * 4; }

// Bytes of a panel's scales (or offsets).
constexpr int64_t ScaleBytes(int64_t columns, int64_t group) { return RoundUp(columns / group * 32, 64); }

}  // namespace troupe::kernels
