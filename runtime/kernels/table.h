// What each instruction set implements: plain functions over plain memory, so that the files compiled for one of them
// need no header but this. Internal to the folder.
#pragma once

#include <cstdint>

namespace troupe::kernels {

// Rows of a matrix side by side in a panel: the lanes of a 512-bit register.
constexpr int64_t kLanes = 16;
// Tokens of a page of keys and values, which are the lanes of a score.
constexpr int64_t kPageLanes = 16;

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

// Rows to multiply with. Float formats use `values` only, grids all but `values`.
struct InputView {
  const float* values;    // [rows, columns]
  const int8_t* codes;    // [rows, columns]
  const float* scales;    // [rows, blocks]
  const float* sums;      // [rows, blocks]: scale * sum of codes
  const int32_t* starts;  // [rows, blocks]: -middle * sum of codes, where the matrix is symmetric; else 0
  int64_t rows;
};

struct OutputView {
  float* values;  // [rows, stride]
  int64_t stride;
  const float* bias;  // [matrix rows] or nullptr
  bool add;           // to what is there, else in its place
};

// Panels [first, last) of `matrix`.
using ProductFunction = void (*)(const MatrixView& matrix, const InputView& input, int64_t first, int64_t last,
                                 const OutputView& output);

// One layer's keys and values as they lie in pages. A page holds, for each kv head, keys then values: keys
// [dim][16 tokens] in float32, [dim / 2][16 tokens][2] in bfloat16; values [16 tokens][padded dim].
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
  // `queries` vectors; the i-th is row i / heads, head i % heads, and sees the tokens [begin(i), first + i / heads].
  const float* query;
  float* out;
  int64_t query_stride;  // from one row to the next; heads are head_dim apart
  int64_t out_stride;
  int64_t queries;
  int64_t heads;
  int64_t first;   // position of the first row
  int64_t window;  // tokens that a query sees, itself included; 0: all
  float scale;
  float softcap;   // 0: none
  float* scratch;  // scores: kQueriesAtOnce rows of whole pages
  int64_t scratch_stride;
};
constexpr int64_t kQueriesAtOnce = 4;

using AttendFunction = void (*)(const AttendTask& task);

struct Table {
  ProductFunction product_f32, product_bf16, product_u8, product_u4;
  AttendFunction attend_f32, attend_bf16;
  // out = x / sqrt(mean(x^2) + eps) * weight, over n values.
  void (*rms_norm)(const float* x, const float* weight, int64_t n, float eps, float* out);
  // The first `pairs` values of a head of `dim` pair with the next `pairs`; turned in place, for `heads` heads.
  void (*rotate)(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines);
  // out = silu(gate) * up.
  void (*silu_gate)(const float* gate, const float* up, int64_t n, float* out);
  // Codes of x by blocks, each with the scale that brings its largest value to 127.
  void (*quantize)(const float* x, int64_t n, int64_t block, int32_t middle, int8_t* codes, float* scales, float* sums,
                   int32_t* starts);
  // The first of the largest values and where it is; -1 where one of them is a NaN.
  int64_t (*find_highest)(const float* x, int64_t n, float* highest);
  // -infinity for x[i] where bit i % 32 of word i / 32 is not set, and for all behind the last word.
  void (*keep_allowed)(float* x, int64_t n, const uint32_t* words, int64_t count);
};

extern const Table kPortableTable;
#ifdef TROUPE_AVX512
extern const Table kAvx512Table;
#endif

// Of BestIsa().
const Table& BestTable();

}  // namespace troupe::kernels
