// Products in bfloat16 with AMX: weights and activations are rounded, sums are float32. A row's sum is the same however
// many others there are.
//
// Of two panels' weights a stretch of columns that fits into the first-level cache is multiplied with row after row
// before it is the next stretch's turn; sums wait in scratch meanwhile.
#include <immintrin.h>

#include "runtime/kernels/amx.h"
#include "runtime/kernels/bf16_avx512.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/product_avx512.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

// Columns of a tile: a row of bfloat16.
constexpr int64_t kStep = kBf16Step;
constexpr int64_t kTileNumbers = kTileRows * kStep;
// Tiles of columns in a stretch at most: 40 KiB of two panels.
constexpr int64_t kLongestStretch = 20;

using Floats = float[kTileRows][kLanes];

// Tiles 0 to 3 are sums (first rows with both panels, then the others), 4 and 5 rows, 6 and 7 panels.
void Configure(int64_t rows) {
  TileConfig config;
  for (int tile = 0; tile < 4; ++tile) config.Shape(tile, rows, kLanes * 4);
  for (int tile = 4; tile < 6; ++tile) config.Shape(tile, rows, kStep * 2);
  for (int tile = 6; tile < 8; ++tile) config.Shape(tile, kStep / 2, kLanes * 4);
  config.Load();
}

// A stretch of two panels.
struct Weights {
  const uint8_t* first;
  const uint8_t* second;
  int64_t begin, end;  // tiles of columns
  int64_t steps;       // of the whole panel
};

// Adds the products of P panels' stretch and T tiles of rows to `sums`, or begins them.
template <int P, int T>
inline void AddStretch(const Weights& weights, const uint16_t* tiles, Floats (*sums)[2]) {
  if (weights.begin == 0) {
    TILE_ZERO(0);
    if constexpr (P == 2) TILE_ZERO(1);
    if constexpr (T == 2) TILE_ZERO(2);
    if constexpr (P == 2 && T == 2) TILE_ZERO(3);
  } else {
    TILE_LOAD(0, sums[0][0], kLanes * 4);
    if constexpr (P == 2) TILE_LOAD(1, sums[0][1], kLanes * 4);
    if constexpr (T == 2) TILE_LOAD(2, sums[1][0], kLanes * 4);
    if constexpr (P == 2 && T == 2) TILE_LOAD(3, sums[1][1], kLanes * 4);
  }
  for (int64_t step = weights.begin; step < weights.end; ++step) {
    const uint16_t* rows = tiles + step * kTileNumbers;
    TILE_LOAD(4, rows, kStep * 2);
    TILE_LOAD(6, weights.first + step * kTileNumbers * 2, kLanes * 4);
    TILE_BF16(0, 4, 6);
    if constexpr (P == 2) TILE_LOAD(7, weights.second + step * kTileNumbers * 2, kLanes * 4);
    if constexpr (P == 2) TILE_BF16(1, 4, 7);
    if constexpr (T == 2) TILE_LOAD(5, rows + weights.steps * kTileNumbers, kStep * 2);
    if constexpr (T == 2) TILE_BF16(2, 5, 6);
    if constexpr (P == 2 && T == 2) TILE_BF16(3, 5, 7);
  }
  TILE_STORE(0, sums[0][0], kLanes * 4);
  if constexpr (P == 2) TILE_STORE(1, sums[0][1], kLanes * 4);
  if constexpr (T == 2) TILE_STORE(2, sums[1][0], kLanes * 4);
  if constexpr (P == 2 && T == 2) TILE_STORE(3, sums[1][1], kLanes * 4);
}

// Panels [panel, panel + P) by all rows.
template <int P>
void RunPanels(const MatrixView& matrix, const InputView& input, int64_t panel, const OutputView& output) {
  auto* sums = reinterpret_cast<Floats(*)[2]>(input.scratch);
  const uint8_t* first = matrix.data + panel * matrix.panel_bytes;
  Weights weights{first, first + (P - 1) * matrix.panel_bytes, 0, 0, RoundUp(matrix.columns, kStep) / kStep};
  const int64_t stretches = (weights.steps + kLongestStretch - 1) / kLongestStretch;
  const int64_t stretch = (weights.steps + stretches - 1) / stretches;  // none much shorter than the others
  const int64_t row_tiles = RoundUp(input.rows, kTileRows) / kTileRows;
  for (; weights.begin < weights.steps; weights.begin = weights.end) {
    weights.end = weights.begin + stretch < weights.steps ? weights.begin + stretch : weights.steps;
    for (int64_t tile = 0; tile < row_tiles; tile += 2) {
      const uint16_t* rows = input.tiles + tile * weights.steps * kTileNumbers;
      if (tile + 1 < row_tiles) {
        AddStretch<P, 2>(weights, rows, sums + tile);
      } else {
        AddStretch<P, 1>(weights, rows, sums + tile);
      }
      if (weights.end < weights.steps) continue;
      for (int64_t t = tile; t < row_tiles && t < tile + 2; ++t) {
        const int64_t row = t * kTileRows, left = input.rows - row;
        for (int p = 0; p < P; ++p) {
          const PanelOutput out(matrix, output, panel + p);
          for (int64_t r = 0; r < kTileRows && r < left; ++r) out.Write(row + r, _mm512_load_ps(sums[t][p][r]));
        }
      }
    }
  }
}

}  // namespace

void ToBf16Amx(const float* x, int64_t n, uint16_t* tile_row) {
  for (int64_t i = 0; i < n; i += kStep, tile_row += kTileNumbers) {
    for (int64_t half = 0; half < kStep; half += kLanes) {
      const int64_t left = n - i - half;
      const __mmask16 valid = left >= kLanes ? 0xffff : left <= 0 ? 0 : static_cast<__mmask16>((1 << left) - 1);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile_row + half),
                          ToBf16(_mm512_maskz_loadu_ps(valid, x + i + half)));
    }
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
