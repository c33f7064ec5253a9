// Products in bfloat16 with AMX. Activations are two numbers of bfloat16 each (Activations), so that of the two factors
// only the weights are rounded; sums are float32. A row's sum is the same however many others there are.
#include <immintrin.h>

#include "runtime/kernels/amx.h"
#include "runtime/kernels/bf16_avx512.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

// Columns of a tile: a row of bfloat16.
constexpr int64_t kStep = kBf16Step;
using Floats = float[kTileRows][kLanes];

void Configure(int64_t rows) {
  TileConfig config;
  for (int tile = 0; tile < 4; ++tile) config.Shape(tile, rows, kLanes * 4);
  for (int tile = 4; tile < 6; ++tile) config.Shape(tile, rows, kStep * 2);
  for (int tile = 6; tile < 8; ++tile) config.Shape(tile, kStep / 2, kLanes * 4);
  config.Load();
}

void Write(const MatrixView& matrix, int64_t panel, int64_t row, int64_t rows, const Floats& sums,
           const OutputView& output) {
  const int64_t at = panel * kLanes;
  const int64_t left = matrix.rows - at;
  const __mmask16 valid = left >= kLanes ? 0xffff : static_cast<__mmask16>((1 << left) - 1);
  const __m512 bias = output.bias == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(valid, output.bias + at);
  for (int64_t r = 0; r < rows; ++r) {
    float* to = output.values + (row + r) * output.stride + at - output.first_panel * kLanes;
    __m512 sum = _mm512_add_ps(_mm512_load_ps(sums[r]), bias);
    if (output.add) sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(valid, to));
    _mm512_mask_storeu_ps(to, valid, sum);
  }
}

// Panels [panel, panel + P) by T tiles of rows from `row` on, `rows` in all.
template <int P, int T>
void RunTiles(const MatrixView& matrix, const InputView& input, int64_t panel, int64_t row, int64_t rows,
              const OutputView& output) {
  const int64_t width = RoundUp(matrix.columns, kStep), stride = width * 2;
  const uint16_t* high = input.high16 + row * width;
  const uint16_t* low = input.low16 + row * width;
  const uint8_t* weights = matrix.data + panel * matrix.panel_bytes;
  TILE_ZERO(0);
  if constexpr (P == 2) TILE_ZERO(1);
  if constexpr (T == 2) TILE_ZERO(2);
  if constexpr (P == 2 && T == 2) TILE_ZERO(3);
  for (int64_t k = 0; k < width; k += kStep) {
    TILE_LOAD(6, weights + k * kLanes * 2, kLanes * 4);
    if constexpr (P == 2) TILE_LOAD(7, weights + matrix.panel_bytes + k * kLanes * 2, kLanes * 4);
    TILE_LOAD(4, high + k, stride);
    TILE_BF16(0, 4, 6);
    if constexpr (P == 2) TILE_BF16(1, 4, 7);
    if constexpr (T == 2) TILE_LOAD(5, high + kTileRows * width + k, stride);
    if constexpr (T == 2) TILE_BF16(2, 5, 6);
    if constexpr (P == 2 && T == 2) TILE_BF16(3, 5, 7);
    TILE_LOAD(4, low + k, stride);
    TILE_BF16(0, 4, 6);
    if constexpr (P == 2) TILE_BF16(1, 4, 7);
    if constexpr (T == 2) TILE_LOAD(5, low + kTileRows * width + k, stride);
    if constexpr (T == 2) TILE_BF16(2, 5, 6);
    if constexpr (P == 2 && T == 2) TILE_BF16(3, 5, 7);
  }
  alignas(64) Floats sums[T][P];
  TILE_STORE(0, sums[0][0], kLanes * 4);
  if constexpr (P == 2) TILE_STORE(1, sums[0][P - 1], kLanes * 4);
  if constexpr (T == 2) TILE_STORE(2, sums[T - 1][0], kLanes * 4);
  if constexpr (P == 2 && T == 2) TILE_STORE(3, sums[T - 1][P - 1], kLanes * 4);
  for (int t = 0; t < T; ++t) {
    const int64_t left = rows - t * kTileRows;
    for (int p = 0; p < P; ++p) {
      Write(matrix, panel + p, row + t * kTileRows, left < kTileRows ? left : kTileRows, sums[t][p], output);
    }
  }
}

template <int P>
void RunPanels(const MatrixView& matrix, const InputView& input, int64_t panel, const OutputView& output) {
  int64_t row = 0;
  for (; row + kTileRows < input.rows; row += 2 * kTileRows) {
    RunTiles<P, 2>(matrix, input, panel, row, input.rows - row, output);
  }
  if (row < input.rows) RunTiles<P, 1>(matrix, input, panel, row, input.rows - row, output);
}

}  // namespace

void SplitAmx(const float* x, int64_t n, uint16_t* high, uint16_t* low) {
  for (int64_t i = 0; i < n; i += kLanes) {
    const __mmask16 left = n - i >= kLanes ? 0xffff : static_cast<__mmask16>((1 << (n - i)) - 1);
    __m256i both[2];
    Split(_mm512_maskz_loadu_ps(left, x + i), both[0], both[1]);
    _mm256_mask_storeu_epi16(high + i, left, both[0]);
    _mm256_mask_storeu_epi16(low + i, left, both[1]);
  }
}

void ProductBf16Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                    const OutputView& output) {
  // Rows beyond the last are multiplied along: activations have room for whole tiles.
  Configure(input.rows < kTileRows ? input.rows : kTileRows);
  int64_t panel = first;
  for (; panel + 1 < last; panel += 2) RunPanels<2>(matrix, input, panel, output);
  if (panel < last) RunPanels<1>(matrix, input, panel, output);
  TILE_RELEASE();
}

}  // namespace troupe::kernels
