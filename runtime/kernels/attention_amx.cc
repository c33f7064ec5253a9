// Attention over pages of bfloat16 with AMX, for runs of queries: 16 of them are a tile's rows. Queries and weights are
// taken as two numbers of bfloat16 each, one for what the other leaves over, so that they lose nothing that matters
// beside float32. Three passes as in attention_avx512.cc: scores, exponentials, the weighted sum of values.
#include <immintrin.h>

#include "runtime/kernels/amx.h"
#include "runtime/kernels/attention_avx512.h"
#include "runtime/kernels/bf16_avx512.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

void AttendBf16Avx512(const AttendTask& task);

namespace {

// Fewer queries are done as soon without tiles.
constexpr int64_t kFewestQueries = 8;
// Dimensions of a query's step: a tile's row of bfloat16.
constexpr int64_t kStep = 32;
constexpr int64_t kLongestHead = 256;
// Tiles of values that are summed at once.
constexpr int64_t kValueTiles = 4;

// Some queries, up to a tile's rows, and what they see together.
struct Run {
  Query queries[kTileRows];
  int64_t count;
  int64_t begin, last;
  int64_t first_page, last_page;
};

// Leaves dot products in the scratch's rows, [queries][pages of 16].
void Scores(const AttendTask& task, const Run& run) {
  const int64_t dim = task.pages.head_dim;
  alignas(64) uint16_t high[kTileRows * kLongestHead], low[kTileRows * kLongestHead];
  for (int64_t m = 0; m < run.count; ++m) {
    for (int64_t d = 0; d < dim; d += 16) {
      __m256i both[2];
      Split(_mm512_loadu_ps(run.queries[m].at + d), both[0], both[1]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(high + m * dim + d), both[0]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(low + m * dim + d), both[1]);
    }
  }
  TileConfig config;
  config.Shape(0, run.count, kPageLanes * 4);
  for (int tile = 1; tile < 5; ++tile) config.Shape(tile, run.count, kStep * 2);
  for (int tile = 5; tile < 7; ++tile) config.Shape(tile, kStep / 2, kPageLanes * 4);
  config.Load();
  if (dim == 2 * kStep) {  // all of the queries stays in tiles
    TILE_LOAD(1, high, dim * 2);
    TILE_LOAD(2, low, dim * 2);
    TILE_LOAD(3, high + kStep, dim * 2);
    TILE_LOAD(4, low + kStep, dim * 2);
    for (int64_t page = run.first_page; page <= run.last_page; ++page) {
      const uint8_t* keys = Head(task, page);
      TILE_ZERO(0);
      TILE_LOAD(5, keys, kPageLanes * 4);
      TILE_LOAD(6, keys + kStep * kPageLanes * 2, kPageLanes * 4);
      TILE_BF16(0, 1, 5);
      TILE_BF16(0, 2, 5);
      TILE_BF16(0, 3, 6);
      TILE_BF16(0, 4, 6);
      TILE_STORE(0, task.scratch + page * kPageLanes, task.scratch_stride * 4);
    }
    return;
  }
  for (int64_t page = run.first_page; page <= run.last_page; ++page) {
    const uint8_t* keys = Head(task, page);
    TILE_ZERO(0);
    for (int64_t d = 0; d < dim; d += kStep) {
      TILE_LOAD(1, high + d, dim * 2);
      TILE_LOAD(2, low + d, dim * 2);
      TILE_LOAD(5, keys + d * kPageLanes * 2, kPageLanes * 4);
      TILE_BF16(0, 1, 5);
      TILE_BF16(0, 2, 5);
    }
    TILE_STORE(0, task.scratch + page * kPageLanes, task.scratch_stride * 4);
  }
}

// Puts weights in the scores' place, for each page 16 high halves and then 16 low ones, and gives their sums.
void Weights(const AttendTask& task, const Run& run, float* sums) {
  const float scale = task.scale, softcap = task.softcap;
  for (int64_t m = 0; m < run.count; ++m) {
    const Query& query = run.queries[m];
    float* row = task.scratch + m * task.scratch_stride;
    __m512 highest = _mm512_set1_ps(-__builtin_inff());
    for (int64_t page = run.first_page; page <= run.last_page; ++page) {
      const __m512 score = Score(_mm512_loadu_ps(row + page * kPageLanes), scale, softcap);
      highest = _mm512_mask_max_ps(highest, Seen(query, page), highest, score);
      _mm512_storeu_ps(row + page * kPageLanes, score);
    }
    const __m512 most = _mm512_set1_ps(_mm512_reduce_max_ps(highest));
    __m512 sum = _mm512_setzero_ps();
    for (int64_t page = run.first_page; page <= run.last_page; ++page) {
      const __m512 score = _mm512_loadu_ps(row + page * kPageLanes);
      const __m512 weight = _mm512_maskz_mov_ps(Seen(query, page), Exp(_mm512_sub_ps(score, most)));
      sum = _mm512_add_ps(sum, weight);
      __m256i both[2];
      Split(weight, both[0], both[1]);
      auto* to = reinterpret_cast<__m256i*>(row + page * kPageLanes);
      _mm256_storeu_si256(to, both[0]);
      _mm256_storeu_si256(to + 1, both[1]);
    }
    sums[m] = _mm512_reduce_add_ps(sum);
  }
}

// A page's values of 16 tokens by 16 dimensions from `offset` on, with zeros for tokens outside [from, to]: slots that
// hold no token of the sequence may hold anything, and nothing times infinity is not nothing.
void CopySeen(const uint16_t* values, int64_t padded, int64_t offset, int64_t from, int64_t to, uint16_t* copy) {
  for (int64_t slot = 0; slot < kPageLanes; ++slot) {
    for (int64_t d = 0; d < kLanes; ++d) {
      copy[(slot / 2 * kLanes + d) * 2 + slot % 2] =
          slot < from || slot > to ? uint16_t{0} : values[(slot / 2 * padded + offset + d) * 2 + slot % 2];
    }
  }
}

#define ADD_VALUES(tile)                                                                               \
  do {                                                                                                 \
    const int64_t at = offset + (tile) * kLanes;                                                       \
    if (whole) {                                                                                       \
      TILE_LOAD(6, values + at * 2, padded * 4);                                                       \
    } else {                                                                                           \
      CopySeen(values, padded, at, run.begin - page * kPageLanes, run.last - page * kPageLanes, copy); \
      TILE_LOAD(6, copy, kLanes * 4);                                                                  \
    }                                                                                                  \
    TILE_BF16(tile, 4, 6);                                                                             \
    TILE_BF16(tile, 5, 6);                                                                             \
  } while (false)

// The weighted sums of values [offset, offset + 16 T).
template <int64_t T>
void AddValues(const AttendTask& task, const Run& run, const float* sums, int64_t offset) {
  const int64_t padded = task.pages.padded_dim;
  alignas(64) uint16_t copy[kPageLanes * kLanes];
  alignas(64) float out[T][kTileRows][kLanes];
  TILE_ZERO(0);
  if constexpr (T > 1) TILE_ZERO(1);
  if constexpr (T > 2) TILE_ZERO(2);
  if constexpr (T > 3) TILE_ZERO(3);
  for (int64_t page = run.first_page; page <= run.last_page; ++page) {
    const auto* values = reinterpret_cast<const uint16_t*>(Head(task, page) + task.pages.value_bytes);
    const bool whole = page * kPageLanes >= run.begin && (page + 1) * kPageLanes - 1 <= run.last;
    const auto* weights = reinterpret_cast<const uint8_t*>(task.scratch + page * kPageLanes);
    TILE_LOAD(4, weights, task.scratch_stride * 4);
    TILE_LOAD(5, weights + kPageLanes * 2, task.scratch_stride * 4);
    ADD_VALUES(0);
    if constexpr (T > 1) ADD_VALUES(1);
    if constexpr (T > 2) ADD_VALUES(2);
    if constexpr (T > 3) ADD_VALUES(3);
  }
  TILE_STORE(0, out[0], kLanes * 4);
  if constexpr (T > 1) TILE_STORE(1, out[1], kLanes * 4);
  if constexpr (T > 2) TILE_STORE(2, out[2], kLanes * 4);
  if constexpr (T > 3) TILE_STORE(3, out[3], kLanes * 4);
  for (int64_t m = 0; m < run.count; ++m) {
    const __m512 inverse = _mm512_set1_ps(1 / sums[m]);
    for (int64_t t = 0; t < T; ++t) {
      _mm512_storeu_ps(run.queries[m].out + offset + t * kLanes, _mm512_mul_ps(_mm512_load_ps(out[t][m]), inverse));
    }
  }
}

void AttendRun(const AttendTask& task, const Run& run) {
  alignas(64) float sums[kTileRows];
  Scores(task, run);
  Weights(task, run, sums);
  TileConfig config;
  for (int tile = 0; tile < 4; ++tile) config.Shape(tile, run.count, kLanes * 4);
  for (int tile = 4; tile < 6; ++tile) config.Shape(tile, run.count, kPageLanes * 2);
  config.Shape(6, kPageLanes / 2, kLanes * 4);
  config.Load();
  int64_t offset = 0;
  for (; offset + kValueTiles * kLanes <= task.pages.head_dim; offset += kValueTiles * kLanes) {
    AddValues<kValueTiles>(task, run, sums, offset);
  }
  for (; offset < task.pages.head_dim; offset += kLanes) AddValues<1>(task, run, sums, offset);
}

}  // namespace

void AttendBf16Amx(const AttendTask& task) {
  if (task.as_alone || task.queries < kFewestQueries || task.pages.head_dim % kStep != 0 ||
      task.pages.head_dim > kLongestHead) {
    return AttendBf16Avx512(task);
  }
  for (int64_t i = 0; i < task.queries; i += kTileRows) {
    Run run;
    run.count = task.queries - i < kTileRows ? task.queries - i : kTileRows;
    for (int64_t m = 0; m < run.count; ++m) {
      const Query query = QueryOf(task, i + m);
      run.queries[m] = query;
      run.begin = m == 0 || query.begin < run.begin ? query.begin : run.begin;
      run.last = m == 0 || query.last > run.last ? query.last : run.last;
    }
    run.first_page = run.begin / kPageLanes;
    run.last_page = run.last / kPageLanes;
    AttendRun(task, run);
  }
  TILE_RELEASE();
}

}  // namespace troupe::kernels
