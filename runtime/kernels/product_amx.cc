// Products on grids with AMX: a tile register holds 16 rows of activations by up to 64 columns, or as much of a panel,
// and one instruction multiplies two of them. A panel of 8-bit codes lies in memory as such a tile (pack.h); one of
// 4-bit codes is first spread out to bytes, once for all rows of activations. Some blocks of two panels' columns are
// multiplied with row after row, so that they stay in the first-level cache, before it is the next ones' turn.
//
// Sums of a block are exact, and what is done with them comes in the order of product_avx512.cc: the results are the
// same to the last bit, so it does not matter which of the two a row meets.
#include <immintrin.h>

#include "runtime/kernels/amx.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/product_avx512.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

// product_avx512.cc
void ProductU8Avx512(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                     const OutputView& output);
void ProductU4Avx512(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                     const OutputView& output);

namespace {

// Fewer rows are done as soon without tiles.
constexpr int64_t kFewestRows = 4;

// Tiles 0 to 3 are sums, 4 and 5 activations (high and low parts), 6 and 7 codes.
void Configure(int64_t rows, int64_t step) {
  TileConfig config;
  for (int tile = 0; tile < 4; ++tile) config.Shape(tile, rows, kLanes * 4);
  for (int tile = 4; tile < 6; ++tile) config.Shape(tile, rows, step);
  for (int tile = 6; tile < 8; ++tile) config.Shape(tile, step / 4, kLanes * 4);
  config.Load();
}

// What one panel is multiplied with at a time, from its column `first` on, as bytes; of 4-bit codes also 16 times as
// much.
struct Panel {
  const uint8_t* scales;  // of the whole panel
  const uint8_t* codes;
  const uint8_t* codes16;
};

struct Plan {
  const MatrixView& matrix;
  const InputView& input;
  int64_t step;   // columns of one tile
  int64_t steps;  // of a block
  int64_t blocks;
  int64_t blocks_per_group;
  int64_t scale_bytes;
};

using SumTile = int32_t[kTileRows][kLanes];
using Floats = float[kLanes];

// Sums of two panels by all rows while they are being added up, [rows][panels].
struct Sums {
  Floats (*all)[2];
  Floats (*group)[2];
  alignas(64) SumTile dots[kBlocksAtOnce][2][2];  // [block][panel][part]; 4-bit codes leave both parts in the first
};

// Where codes are around 0 already.
constexpr bool IsSigned(int bits, bool offsets) { return bits == 4 && !offsets; }

#define ADD_PRODUCT(sums, rows, codes)         \
  do {                                         \
    if constexpr (IsSigned(kBits, kOffsets)) { \
      TILE_SIGNED(sums, rows, codes);          \
    } else {                                   \
      TILE_SIGNED_UNSIGNED(sums, rows, codes); \
    }                                          \
  } while (false)

// Brings a block's activations of the next rows nearer: a tile's rows are too far apart for the CPU to guess them.
inline void Prefetch(const Plan& plan, int64_t row, int64_t column) {
  if (row + kTileRows > plan.input.rows) return;
  const int64_t columns = plan.matrix.columns;
  const int8_t* high = plan.input.high + row * columns + column;
  const int8_t* low = plan.input.low + row * columns + column;
  for (int64_t r = 0; r < kTileRows; ++r, high += columns, low += columns) {
    _mm_prefetch(high, _MM_HINT_T0);
    _mm_prefetch(low, _MM_HINT_T0);
  }
}

// Leaves the integer sums of a block in `dots`.
template <int P, int kBits, bool kOffsets>
inline void Dots(const Plan& plan, const Panel (&panels)[2], int64_t row, int64_t first_block, int64_t block,
                 SumTile (&dots)[2][2]) {
  const int64_t columns = plan.matrix.columns;
  int64_t column = (first_block + block) * plan.matrix.block;
  const int8_t* high = plan.input.high + row * columns + column;
  const int8_t* low = plan.input.low + row * columns + column;
  TILE_ZERO(0);
  if constexpr (kBits == 8) TILE_ZERO(1);
  if constexpr (P == 2) TILE_ZERO(2);
  if constexpr (P == 2 && kBits == 8) TILE_ZERO(3);
  const int64_t step = plan.step;
  Prefetch(plan, row + kTileRows, column);
  column = block * plan.matrix.block;
  for (int64_t left = plan.steps; left > 0; --left, column += step, high += step, low += step) {
    TILE_LOAD(4, high, columns);
    TILE_LOAD(5, low, columns);
    TILE_LOAD(6, panels[0].codes + column * kLanes, kLanes * 4);
    if constexpr (P == 2) TILE_LOAD(7, panels[1].codes + column * kLanes, kLanes * 4);
    if constexpr (kBits == 8) {
      ADD_PRODUCT(0, 4, 6);
      ADD_PRODUCT(1, 5, 6);
      if constexpr (P == 2) {
        ADD_PRODUCT(2, 4, 7);
        ADD_PRODUCT(3, 5, 7);
      }
    } else {
      ADD_PRODUCT(0, 5, 6);
      if constexpr (P == 2) ADD_PRODUCT(2, 5, 7);
      TILE_LOAD(6, panels[0].codes16 + column * kLanes, kLanes * 4);
      if constexpr (P == 2) TILE_LOAD(7, panels[1].codes16 + column * kLanes, kLanes * 4);
      ADD_PRODUCT(0, 4, 6);
      if constexpr (P == 2) ADD_PRODUCT(2, 4, 7);
    }
  }
  TILE_STORE(0, dots[0][0], kLanes * 4);
  if constexpr (kBits == 8) TILE_STORE(1, dots[0][1], kLanes * 4);
  if constexpr (P == 2) TILE_STORE(2, dots[1][0], kLanes * 4);
  if constexpr (P == 2 && kBits == 8) TILE_STORE(3, dots[1][1], kLanes * 4);
}

// Adds the integer sums of blocks [block, block + N), which lie in `dots` from first_dots on, with the scales that
// belong to them.
template <int P, int kBits, bool kOffsets, bool kWholeGroups, int64_t N>
inline void AddBlocks(const Plan& plan, const Panel (&panels)[2], int64_t row, int64_t rows, int64_t block,
                      int64_t first_dots, Sums& sums) {
  const InputView& x = plan.input;
  for (int p = 0; p < P; ++p) {
    __m512 scale[N], offset[N];
    bool begins[N], ends[N];
    for (int64_t i = 0; i < N; ++i) {
      const int64_t group = kWholeGroups ? block + i : (block + i) / plan.blocks_per_group;
      const uint8_t* scales = panels[p].scales + group * kLanes * 2;
      scale[i] = HalfLanes(scales);
      offset[i] = kOffsets ? HalfLanes(scales + plan.scale_bytes) : _mm512_setzero_ps();
      begins[i] = kWholeGroups || (block + i) % plan.blocks_per_group == 0;
      ends[i] = kWholeGroups || (block + i + 1) % plan.blocks_per_group == 0;
    }
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t at = (row + r) * plan.blocks + block;
      __m512 sum = block == 0 ? _mm512_setzero_ps() : _mm512_load_ps(sums.all[row + r][p]);
      __m512 group = kWholeGroups ? _mm512_setzero_ps() : _mm512_load_ps(sums.group[row + r][p]);
      for (int64_t i = 0; i < N; ++i) {
        __m512i dot = _mm512_load_si512(sums.dots[first_dots + i][p][0][r]);
        if constexpr (kBits == 8) {
          dot = _mm512_add_epi32(_mm512_slli_epi32(dot, 8), _mm512_load_si512(sums.dots[first_dots + i][p][1][r]));
        }
        if constexpr (!IsSigned(kBits, kOffsets) && !kOffsets) {
          dot = _mm512_add_epi32(dot, _mm512_set1_epi32(x.starts[at + i]));
        }
        const __m512 x_scale = _mm512_set1_ps(x.scales[at + i]);
        group = begins[i] ? _mm512_mul_ps(_mm512_cvtepi32_ps(dot), x_scale)
                          : _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), x_scale, group);
        if constexpr (kOffsets) sum = _mm512_fmadd_ps(offset[i], _mm512_set1_ps(x.sums[at + i]), sum);
        if (ends[i]) sum = _mm512_fmadd_ps(scale[i], group, sum);
      }
      _mm512_store_ps(sums.all[row + r][p], sum);
      if (!kWholeGroups) _mm512_store_ps(sums.group[row + r][p], group);
    }
  }
}

template <int P>
void Write(const Plan& plan, int64_t panel, int64_t row, int64_t rows, const Sums& sums, const OutputView& output) {
  for (int p = 0; p < P; ++p) {
    const PanelOutput out(plan.matrix, output, panel + p);
    for (int64_t r = row; r < row + rows; ++r) out.Write(r, _mm512_load_ps(sums.all[r][p]));
  }
}

// 4-bit codes to bytes, less 8 where they are to be signed, and 16 times as much.
template <bool kSigned>
void Spread(const uint8_t* codes, int64_t columns, uint8_t* bytes, uint8_t* bytes16) {
  const __m512i mask = _mm512_set1_epi8(15);
  const __m512i upper = _mm512_set1_epi8(static_cast<char>(240));
  const __m512i middle = _mm512_set1_epi8(kSigned ? 8 : 0);
  const __m512i middle16 = _mm512_set1_epi8(static_cast<char>(kSigned ? 128 : 0));
  for (int64_t k = 0; k < columns; k += 8, codes += 64, bytes += 128, bytes16 += 128) {
    const __m512i both = _mm512_loadu_si512(codes);
    const __m512i first = _mm512_and_si512(both, mask);
    const __m512i second = _mm512_and_si512(_mm512_srli_epi16(both, 4), mask);
    const __m512i first16 = _mm512_and_si512(_mm512_slli_epi16(both, 4), upper);
    const __m512i second16 = _mm512_and_si512(both, upper);
    _mm512_store_si512(bytes, _mm512_sub_epi8(first, middle));
    _mm512_store_si512(bytes + 64, _mm512_sub_epi8(second, middle));
    _mm512_store_si512(bytes16, _mm512_sub_epi8(first16, middle16));
    _mm512_store_si512(bytes16 + 64, _mm512_sub_epi8(second16, middle16));
  }
}

// Panels [panel, panel + P) by all rows.
template <int P, int kBits, bool kOffsets, bool kWholeGroups>
void RunPanels(const Plan& plan, int64_t panel, Sums& sums, const OutputView& output) {
  const MatrixView& m = plan.matrix;
  const int64_t rows = plan.input.rows;
  for (int64_t block = 0; block < plan.blocks; block += kBlocksAtOnce) {
    const int64_t count = plan.blocks - block < kBlocksAtOnce ? plan.blocks - block : kBlocksAtOnce;
    Panel panels[2];
    uint8_t* bytes = plan.input.scratch;
    for (int p = 0; p < P; ++p) {
      panels[p].scales = m.data + (panel + p) * m.panel_bytes;
      panels[p].codes = panels[p].scales + plan.scale_bytes * (kOffsets ? 2 : 1) + block * m.block * kLanes * kBits / 8;
      if constexpr (kBits == 4) {
        uint8_t* bytes16 = bytes + kLanes * count * m.block;
        Spread<IsSigned(kBits, kOffsets)>(panels[p].codes, count * m.block, bytes, bytes16);
        panels[p].codes = bytes;
        panels[p].codes16 = bytes16;
        bytes = bytes16 + kLanes * count * m.block;
      }
    }
    for (int64_t row = 0; row < rows; row += kTileRows) {
      const int64_t tile_rows = rows - row < kTileRows ? rows - row : kTileRows;
      for (int64_t i = 0; i < count; ++i) Dots<P, kBits, kOffsets>(plan, panels, row, block, i, sums.dots[i]);
      if (count == kBlocksAtOnce) {
        AddBlocks<P, kBits, kOffsets, kWholeGroups, kBlocksAtOnce>(plan, panels, row, tile_rows, block, 0, sums);
      } else {
        for (int64_t i = 0; i < count; ++i) {
          AddBlocks<P, kBits, kOffsets, kWholeGroups, 1>(plan, panels, row, tile_rows, block + i, i, sums);
        }
      }
      if (block + count == plan.blocks) Write<P>(plan, panel, row, tile_rows, sums, output);
    }
  }
}

template <int kBits, bool kOffsets, bool kWholeGroups>
void RunAll(const Plan& plan, int64_t first, int64_t last, const OutputView& output) {
  Sums sums;
  sums.all = reinterpret_cast<Floats(*)[2]>(plan.input.scratch + kCodeScratchBytes);
  sums.group = sums.all + RoundUp(plan.input.rows, kTileRows);
  // Rows beyond the last are multiplied along: activations have room for whole tiles.
  Configure(plan.input.rows < kTileRows ? plan.input.rows : kTileRows, plan.step);
  int64_t panel = first;
  for (; panel + 1 < last; panel += 2) RunPanels<2, kBits, kOffsets, kWholeGroups>(plan, panel, sums, output);
  if (panel < last) RunPanels<1, kBits, kOffsets, kWholeGroups>(plan, panel, sums, output);
  TILE_RELEASE();
}

template <int kBits, bool kOffsets>
void Product(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last, const OutputView& output) {
  const int64_t steps = (matrix.block + kTileRowBytes - 1) / kTileRowBytes;
  const Plan plan{matrix,
                  input,
                  matrix.block / steps,
                  steps,
                  matrix.columns / matrix.block,
                  matrix.group / matrix.block,
                  ScaleBytes(matrix.columns, matrix.group)};
  if (plan.blocks_per_group == 1) return RunAll<kBits, kOffsets, true>(plan, first, last, output);
  return RunAll<kBits, kOffsets, false>(plan, first, last, output);
}

}  // namespace

// A block of more than 64 columns is cut in two, so half of it must be a number of columns that a tile's row of four
// bytes can hold.
static_assert(kLongestBlock <= 2 * kTileRowBytes);

void ProductU8Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                  const OutputView& output) {
  if (input.rows < kFewestRows) return ProductU8Avx512(matrix, input, first, last, output);
  if (matrix.has_offsets) return Product<8, true>(matrix, input, first, last, output);
  return Product<8, false>(matrix, input, first, last, output);
}

void ProductU4Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                  const OutputView& output) {
  if (input.rows < kFewestRows) return ProductU4Avx512(matrix, input, first, last, output);
  if (matrix.has_offsets) return Product<4, true>(matrix, input, first, last, output);
  return Product<4, false>(matrix, input, first, last, output);
}

}  // namespace troupe::kernels
