// Products with AVX-512. A tile is one panel by up to eight rows of activations: its sums stay in registers while the
// panel's bytes go by once.
#include "runtime/kernels/product_avx512.h"

#include <immintrin.h>

#include "runtime/kernels/pack.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

constexpr int64_t kTileRows = 8;
// Rows whose activations stay in the first-level cache while panel after panel is multiplied with them.
constexpr int64_t kChunkRows = 48;

struct Tile {
  const MatrixView& matrix;
  const InputView& input;
  const uint8_t* panel;
  int64_t row;  // first row of input
};

inline __m512i Lanes(const uint8_t* at) { return _mm512_loadu_si512(at); }
inline __m512i Four(const int8_t* at) {
  int32_t bytes;
  __builtin_memcpy(&bytes, at, 4);
  return _mm512_set1_epi32(bytes);
}

template <int R>
inline void TileF32(const Tile& t, __m512 (&sums)[R]) {
  const int64_t columns = t.matrix.columns;
  const float* x = t.input.values + t.row * columns;
  for (int64_t k = 0; k < columns; ++k) {
    const __m512 w = _mm512_loadu_ps(reinterpret_cast<const float*>(t.panel) + k * kLanes);
    for (int r = 0; r < R; ++r) sums[r] = _mm512_fmadd_ps(w, _mm512_set1_ps(x[r * columns + k]), sums[r]);
  }
}

template <int R>
inline void TileBf16(const Tile& t, __m512 (&sums)[R]) {
  const int64_t columns = t.matrix.columns;
  const float* x = t.input.values + t.row * columns;
  const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  int64_t k = 0;
  for (; k + 1 < columns; k += 2) {
    const __m512i pair = Lanes(t.panel + k * kLanes * 2);
    const __m512 even = _mm512_castsi512_ps(_mm512_slli_epi32(pair, 16));
    const __m512 odd = _mm512_castsi512_ps(_mm512_and_si512(pair, high));
    for (int r = 0; r < R; ++r) {
      sums[r] = _mm512_fmadd_ps(even, _mm512_set1_ps(x[r * columns + k]), sums[r]);
      sums[r] = _mm512_fmadd_ps(odd, _mm512_set1_ps(x[r * columns + k + 1]), sums[r]);
    }
  }
  if (k < columns) {
    const __m512 even = _mm512_castsi512_ps(_mm512_slli_epi32(Lanes(t.panel + k * kLanes * 2), 16));
    for (int r = 0; r < R; ++r) sums[r] = _mm512_fmadd_ps(even, _mm512_set1_ps(x[r * columns + k]), sums[r]);
  }
}

// Integer sums of one block of columns, from 8 columns a step, added to `dots`.
template <int R, int kBits>
inline void Block(const uint8_t* codes, const InputView& x, int64_t at, int64_t columns, int64_t block,
                  __m512i (&dots)[R]) {
  // An instruction waits for the one before that adds to the same sum, so few rows have two sums for each part of the
  // activations, which are put together at the end. Many rows with 4-bit codes have one for both parts, of codes and of
  // 16 times the codes; with 8-bit codes one each.
  constexpr int kSums = R <= 3 ? 2 : 1;
  constexpr bool kJoined = kBits == 4 && kSums == 1;
  const int8_t* x_high = x.high + at;
  const int8_t* x_low = x.low + at;
  __m512i high[R][kSums], low[R][kSums];
  for (int r = 0; r < R; ++r) {
    for (int i = 0; i < kSums; ++i) high[r][i] = low[r][i] = _mm512_setzero_si512();
  }
  const __m512i mask = _mm512_set1_epi8(15);
  const __m512i upper = _mm512_set1_epi8(static_cast<char>(240));
  for (int64_t k = 0; k < block; k += 8) {
    __m512i first, second, first16, second16;  // two times four columns
    if constexpr (kBits == 4) {
      const __m512i both = Lanes(codes + k * (kLanes / 2));
      first = _mm512_and_si512(both, mask);
      second = _mm512_and_si512(_mm512_srli_epi16(both, 4), mask);
      first16 = _mm512_and_si512(_mm512_slli_epi16(both, 4), upper);
      second16 = _mm512_and_si512(both, upper);
    } else {
      first = Lanes(codes + k * kLanes);
      second = Lanes(codes + (k + 4) * kLanes);
    }
    for (int r = 0; r < R; ++r) {
      const int64_t column = r * columns + k;
      if constexpr (kJoined) {
        dots[r] = _mm512_dpbusd_epi32(dots[r], first16, Four(x_high + column));
        dots[r] = _mm512_dpbusd_epi32(dots[r], first, Four(x_low + column));
        dots[r] = _mm512_dpbusd_epi32(dots[r], second16, Four(x_high + column + 4));
        dots[r] = _mm512_dpbusd_epi32(dots[r], second, Four(x_low + column + 4));
      } else {
        constexpr int kOther = kSums - 1;
        high[r][0] = _mm512_dpbusd_epi32(high[r][0], first, Four(x_high + column));
        low[r][0] = _mm512_dpbusd_epi32(low[r][0], first, Four(x_low + column));
        high[r][kOther] = _mm512_dpbusd_epi32(high[r][kOther], second, Four(x_high + column + 4));
        low[r][kOther] = _mm512_dpbusd_epi32(low[r][kOther], second, Four(x_low + column + 4));
      }
    }
  }
  if constexpr (kJoined) return;
  for (int r = 0; r < R; ++r) {
    for (int i = 0; i < kSums; ++i) {
      const __m512i part = _mm512_add_epi32(_mm512_slli_epi32(high[r][i], ShiftOf(kBits)), low[r][i]);
      dots[r] = _mm512_add_epi32(dots[r], part);
    }
  }
}

template <int R, int kBits, bool kOffsets>
inline void TileGrid(const Tile& t, __m512 (&sums)[R]) {
  const MatrixView& m = t.matrix;
  const int64_t columns = m.columns, block = m.block;
  const int64_t blocks = columns / block, blocks_per_group = m.group / block;
  const int64_t scale_bytes = ScaleBytes(columns, m.group);
  const uint8_t* scales = t.panel;
  const uint8_t* codes = t.panel + scale_bytes * (kOffsets ? 2 : 1);
  const float* x_scales = t.input.scales + t.row * blocks;
  const float* x_sums = t.input.sums + t.row * blocks;
  const int32_t* x_starts = t.input.starts + t.row * blocks;
  for (int64_t b = 0; b < blocks;) {
    const __m512 scale = HalfLanes(scales);
    const __m512 offset = kOffsets ? HalfLanes(scales + scale_bytes) : _mm512_setzero_ps();
    scales += 32;
    __m512 group[R];
    for (int r = 0; r < R; ++r) group[r] = _mm512_setzero_ps();
    for (const int64_t end = b + blocks_per_group; b < end; ++b) {
      __m512i dots[R];
      for (int r = 0; r < R; ++r) {
        dots[r] = kOffsets ? _mm512_setzero_si512() : _mm512_set1_epi32(x_starts[r * blocks + b]);
      }
      Block<R, kBits>(codes, t.input, t.row * columns + b * block, columns, block, dots);
      codes += block * kLanes * kBits / 8;
      for (int r = 0; r < R; ++r) {
        const __m512 dot = _mm512_cvtepi32_ps(dots[r]);
        group[r] = _mm512_fmadd_ps(dot, _mm512_set1_ps(x_scales[r * blocks + b]), group[r]);
        if (kOffsets) sums[r] = _mm512_fmadd_ps(offset, _mm512_set1_ps(x_sums[r * blocks + b]), sums[r]);
      }
    }
    for (int r = 0; r < R; ++r) sums[r] = _mm512_fmadd_ps(scale, group[r], sums[r]);
  }
}

struct F32 {
  template <int R>
  static void Run(const Tile& t, __m512 (&sums)[R]) {
    TileF32<R>(t, sums);
  }
};
struct Bf16 {
  template <int R>
  static void Run(const Tile& t, __m512 (&sums)[R]) {
    TileBf16<R>(t, sums);
  }
};
template <int kBits, bool kOffsets>
struct OnGrid {
  template <int R>
  static void Run(const Tile& t, __m512 (&sums)[R]) {
    TileGrid<R, kBits, kOffsets>(t, sums);
  }
};

template <class Kind, int R>
void RunTile(const Tile& t, int64_t panel, const OutputView& output) {
  __m512 sums[R];
  for (int r = 0; r < R; ++r) sums[r] = _mm512_setzero_ps();
  Kind::template Run<R>(t, sums);
  const PanelOutput out(t.matrix, output, panel);
  for (int r = 0; r < R; ++r) out.Write(t.row + r, sums[r]);
}

template <class Kind>
void Product(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last, const OutputView& output) {
  for (int64_t chunk = 0; chunk < input.rows; chunk += kChunkRows) {
    const int64_t chunk_end = chunk + kChunkRows < input.rows ? chunk + kChunkRows : input.rows;
    for (int64_t panel = first; panel < last; ++panel) {
      for (int64_t row = chunk; row < chunk_end; row += kTileRows) {
        const Tile tile{matrix, input, matrix.data + panel * matrix.panel_bytes, row};
        switch (chunk_end - row) {
          case 1:
            RunTile<Kind, 1>(tile, panel, output);
            break;
          case 2:
            RunTile<Kind, 2>(tile, panel, output);
            break;
          case 3:
            RunTile<Kind, 3>(tile, panel, output);
            break;
          case 4:
            RunTile<Kind, 4>(tile, panel, output);
            break;
          case 5:
            RunTile<Kind, 5>(tile, panel, output);
            break;
          case 6:
            RunTile<Kind, 6>(tile, panel, output);
            break;
          case 7:
            RunTile<Kind, 7>(tile, panel, output);
            break;
          default:
            RunTile<Kind, 8>(tile, panel, output);
        }
      }
    }
  }
}

template <int kBits>
void ProductOnGrid(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                   const OutputView& output) {
  if (matrix.has_offsets) return Product<OnGrid<kBits, true>>(matrix, input, first, last, output);
  return Product<OnGrid<kBits, false>>(matrix, input, first, last, output);
}

}  // namespace

void ProductU8Avx512(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                     const OutputView& output) {
  ProductOnGrid<8>(matrix, input, first, last, output);
}
void ProductU4Avx512(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                     const OutputView& output) {
  ProductOnGrid<4>(matrix, input, first, last, output);
}

// Elsewhere defined, here put together: rows_avx512.cc, attention_avx512.cc, product_amx.cc, attention_amx.cc.
void RmsNormAvx512(const float* x, const float* weight, int64_t n, float eps, float* out);
void RotateAvx512(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines);
void LayerNormAvx512(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out);
void SiluAvx512(const float* x, const float* up, int64_t n, float* out);
void GeluAvx512(const float* x, const float* up, int64_t n, float* out);
void GeluTanhAvx512(const float* x, const float* up, int64_t n, float* out);
void QuantizeAvx512(const float* x, int64_t n, int64_t block, int shift, int32_t middle, int8_t* high, int8_t* low,
                    float* scales, float* sums, int32_t* starts);
int64_t FindHighestAvx512(const float* x, int64_t n, float* highest);
void KeepAllowedAvx512(float* x, int64_t n, const uint32_t* words, int64_t count);
void AttendF32Avx512(const AttendTask& task);
void AttendBf16Avx512(const AttendTask& task);
void AttendBf16Amx(const AttendTask& task);

void ProductBf16Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                    const OutputView& output);
void ToBf16Amx(const float* x, int64_t n, uint16_t* tile_row);
void ProductU8Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                  const OutputView& output);
void ProductU4Amx(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                  const OutputView& output);

const Table kAvx512Table = {Product<F32>,    Product<Bf16>,    ProductU8Avx512,   ProductU4Avx512,
                            AttendF32Avx512, AttendBf16Avx512, RmsNormAvx512,     RotateAvx512,
                            LayerNormAvx512, SiluAvx512,       GeluAvx512,        GeluTanhAvx512,
                            QuantizeAvx512,  nullptr,          FindHighestAvx512, KeepAllowedAvx512};

const Table kAmxTable = {Product<F32>,    ProductBf16Amx, ProductU8Amx,      ProductU4Amx,
                         AttendF32Avx512, AttendBf16Amx,  RmsNormAvx512,     RotateAvx512,
                         LayerNormAvx512, SiluAvx512,     GeluAvx512,        GeluTanhAvx512,
                         QuantizeAvx512,  ToBf16Amx,      FindHighestAvx512, KeepAllowedAvx512};

}  // namespace troupe::kernels
