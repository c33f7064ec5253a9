// What each instruction set implements: plain functions over plain memory, so that the files compiled for one of them
// need no header but this. Internal to the folder.
#pragma once

#include <cstdint>

namespace troupe::kernels {

// Rows of a matrix side by side in a panel: the lanes of a 512-bit register.
constexpr int64_t kLanes = 16;
// Tokens of a page of keys and values, which are the lanes of a score.
constexpr int64_t kPageLanes = 16;

// The longest stretch of columns that shares an activation's scale: products of a stretch are sums of 32 bits.
constexpr int64_t kLongestBlock = 128;
// Bits of what an activation's high part leaves over: 16 bits together with weights of 8, 12 with weights of 4, which
// may be multiplied by 16 and still are bytes, so that both parts' products have one sum.
constexpr int ShiftOf(int weight_bits) { return weight_bits; }
// The high part stays within this.
constexpr int32_t kLargestHigh = 127;

// A packed matrix (pack.h gives the layout of a panel).
struct MatrixView {
  const uint8_t* data;
  int64_t panel_bytes;
  int64_t rows;
  int64_t columns;
  int64_t block;     // columns that share an activation's scale; 0 for float formats
  int64_t group;     // columns that share a weight's scale, a multiple of block
  bool has_offsets;  // else symmetric
};

// Rows to multiply with. Float formats use `values`, grids what follows: a value is
// scale * (2^shift * high + low).
struct InputView {
  const float* values;    // [rows, columns]
  const int8_t* high;     // [rows, columns]
  const int8_t* low;      // [rows, columns]
  const float* scales;    // [rows, blocks]
  const float* sums;      // [rows, blocks]: of the values
  const int32_t* starts;  // [rows, blocks]: -middle * sum of 2^shift * high + low; 0 where the matrix has offsets
  int64_t rows;
  // For kBf16 where the table has `to_bf16`: values as bfloat16 in tiles, [rows / 16][columns / 32][16 rows][32
  // columns].
  const uint16_t* tiles;
  uint8_t* scratch;  // of the calling thread's own, ScratchBytes of the rows
};

struct OutputView {
  float* values;  // [rows, stride], from first_panel's on
  int64_t first_panel;
  int64_t stride;
  const float* bias;  // [matrix rows] or nullptr
  bool add;           // to what is there, else in its place
};

// Panels [first, last) of `matrix`.
using ProductFunction = void (*)(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                                 const OutputView& output);

// One layer's keys and values as they lie in pages. A page holds, for each kv head, keys then values: keys
// [dim][16 tokens] in float32, [dim / 2][16 tokens][2] in bfloat16; values [16 tokens][padded dim] in
// float32, [16 tokens / 2][padded dim][2] in bfloat16: the pairs that products of bfloat16 take.
struct PagesView {
  uint8_t* data;        // of the layer
  int64_t page_bytes;   // from one page to the next
  int64_t head_bytes;   // from one kv head to the next within a page
  int64_t value_bytes;  // from a head's keys to its values
  int64_t head_dim;
  int64_t padded_dim;  // a multiple of kLanes
};

// Queries of one kv head over one sequence's pages.
struct AttendTask {
  PagesView pages;
  const int32_t* page_ids;
  int64_t kv_head;
  // `queries` vectors; the i-th is row i / heads, head i % heads, and sees the tokens [begin(i), first + i / heads], or
  // up to `last`.
  const float* query;
  float* out;
  int64_t query_stride;  // from one row to the next; heads are head_dim apart
  int64_t out_stride;
  int64_t queries;
  int64_t heads;
  int64_t first;   // position of the first row
  int64_t last;    // the last position that every query sees; -1: each its own
  int64_t window;  // tokens that a query sees, itself included; 0: all
  float scale;
  float softcap;   // 0: none
  float* scratch;  // scores: kQueriesAtOnce rows of whole pages
  int64_t scratch_stride;
  bool as_alone;  // see Queries
};
constexpr int64_t kQueriesAtOnce = 16;

using AttendFunction = void (*)(const AttendTask& task);

using QuantizeFunction = void (*)(const float* x, int64_t n, int64_t block, int shift, int32_t middle, int8_t* high,
                                  int8_t* low, float* scales, float* sums, int32_t* starts);

using GateFunction = void (*)(const float* x, const float* up, int64_t n, float* out);

struct Table {
  ProductFunction product_f32, product_bf16, product_u8, product_u4;
  AttendFunction attend_f32, attend_bf16;
  // out = x / sqrt(mean(x^2) + eps) * weight, over n values.
  void (*rms_norm)(const float* x, const float* weight, int64_t n, float eps, float* out);
  // The first `pairs` values of a head of `dim` pair with the next `pairs`; turned in place, for `heads` heads.
  void (*rotate)(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines);
  // out = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias, over n values.
  void (*layer_norm)(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out);
  // out = gate(x) * up; without `up`, gate(x).
  GateFunction silu, gelu, gelu_tanh;
  // Codes of x by blocks, each with the scale that brings its largest value's high part to kLargestHigh.
  QuantizeFunction quantize;
  // Rounds x for products of bfloat16: 32 values to each row of a tile (InputView::tiles), zeros behind the last;
  // nullptr where those products take float32.
  void (*to_bf16)(const float* x, int64_t n, uint16_t* tile_row);
  // The first of the largest values and where it is; -1 where one of them is a NaN.
  int64_t (*find_highest)(const float* x, int64_t n, float* highest);
  // -infinity for x[i] where bit i % 32 of word i / 32 is not set, and for all behind the last word.
  void (*keep_allowed)(float* x, int64_t n, const uint32_t* words, int64_t count);
};

extern const Table kPortableTable;
#ifdef TROUPE_AVX512
extern const Table kAvx512Table;
extern const Table kAmxTable;
#endif

// Of BestIsa().
const Table& BestTable();

}  // namespace troupe::kernels
