// Attention over pages with AVX-512: up to four queries at once, so that a page's keys and values are read once for
// them. Three passes: scores of all pages, their exponentials, the weighted sum of values.
#include "runtime/kernels/attention_avx512.h"

#include <immintrin.h>

#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

// Queries in registers at once.
constexpr int64_t kAtOnce = 4;
// Values added up at once, in registers of 16.
constexpr int kVectors = 4;

struct Span {
  int64_t first_page;
  int64_t last_page;
  int64_t begin;  // of all queries together
  int64_t last;
};

// Dot products of M queries with the 16 keys of a page.
template <int M, bool kBf16>
inline void PageScores(const AttendTask& task, const uint8_t* keys, const Query* queries, __m512 (&scores)[M]) {
  __m512 even[M], odd[M];
  for (int m = 0; m < M; ++m) even[m] = odd[m] = _mm512_setzero_ps();
  const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  for (int64_t d = 0; d < task.pages.head_dim; d += 2) {
    __m512 first, second;
    if (kBf16) {
      const __m512i pair = _mm512_loadu_si512(keys + d * kPageLanes * 2);
      first = _mm512_castsi512_ps(_mm512_slli_epi32(pair, 16));
      second = _mm512_castsi512_ps(_mm512_and_si512(pair, high));
    } else {
      first = _mm512_loadu_ps(reinterpret_cast<const float*>(keys) + d * kPageLanes);
      second = _mm512_loadu_ps(reinterpret_cast<const float*>(keys) + (d + 1) * kPageLanes);
    }
    for (int m = 0; m < M; ++m) {
      even[m] = _mm512_fmadd_ps(first, _mm512_set1_ps(queries[m].at[d]), even[m]);
      odd[m] = _mm512_fmadd_ps(second, _mm512_set1_ps(queries[m].at[d + 1]), odd[m]);
    }
  }
  for (int m = 0; m < M; ++m) scores[m] = _mm512_add_ps(even[m], odd[m]);
}

// Leaves the exponentials in scratch, 0 for what a query does not see, and gives their sums.
template <int M, bool kBf16>
inline void Weights(const AttendTask& task, const Query* queries, const Span& span, float (&sums)[M]) {
  const float scale = task.scale, softcap = task.softcap;
  __m512 highest[M];
  for (int m = 0; m < M; ++m) highest[m] = _mm512_set1_ps(-__builtin_inff());
  for (int64_t page = span.first_page; page <= span.last_page; ++page) {
    __m512 scores[M];
    PageScores<M, kBf16>(task, Head(task, page), queries, scores);
    for (int m = 0; m < M; ++m) {
      const __m512 score = Score(scores[m], scale, softcap);
      highest[m] = _mm512_mask_max_ps(highest[m], Seen(queries[m], page), highest[m], score);
      _mm512_storeu_ps(task.scratch + m * task.scratch_stride + page * kPageLanes, score);
    }
  }
  for (int m = 0; m < M; ++m) {
    const __m512 most = _mm512_set1_ps(_mm512_reduce_max_ps(highest[m]));
    __m512 sum = _mm512_setzero_ps();
    float* row = task.scratch + m * task.scratch_stride;
    for (int64_t page = span.first_page; page <= span.last_page; ++page) {
      const __m512 weight = _mm512_maskz_mov_ps(Seen(queries[m], page),
                                                Exp(_mm512_sub_ps(_mm512_loadu_ps(row + page * kPageLanes), most)));
      sum = _mm512_add_ps(sum, weight);
      _mm512_storeu_ps(row + page * kPageLanes, weight);
    }
    sums[m] = _mm512_reduce_add_ps(sum);
  }
}

// Adds a token's values, weighted for each query.
template <int M, int V>
inline void AddWeighted(const float* weights, int64_t stride, const __m512 (&value)[V], __m512 (&out)[M][V]) {
  for (int m = 0; m < M; ++m) {
    const __m512 weight = _mm512_set1_ps(weights[m * stride]);
    for (int v = 0; v < V; ++v) out[m][v] = _mm512_fmadd_ps(weight, value[v], out[m][v]);
  }
}

// Values [offset, offset + 16 V) of the weighted sum.
template <int M, int V, bool kBf16>
inline void AddValues(const AttendTask& task, const Query* queries, const Span& span, const float (&sums)[M],
                      int64_t offset) {
  __m512 out[M][V];
  for (int m = 0; m < M; ++m) {
    for (int v = 0; v < V; ++v) out[m][v] = _mm512_setzero_ps();
  }
  const int64_t padded = task.pages.padded_dim;
  const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  for (int64_t page = span.first_page; page <= span.last_page; ++page) {
    const uint8_t* values = Head(task, page) + task.pages.value_bytes;
    // Slots that hold no token of the sequence may hold anything, infinities too.
    const int64_t from = page == span.first_page ? span.begin - page * kPageLanes : 0;
    const int64_t to = page == span.last_page ? span.last - page * kPageLanes + 1 : kPageLanes;
    const float* weights = task.scratch + page * kPageLanes;
    __m512 value[V];
    for (int64_t slot = from; slot < to; ++slot) {
      if (kBf16) {
        // two slots at a time where both are the sequence's
        __m512i pairs[V];
        for (int v = 0; v < V; ++v) {
          pairs[v] = _mm512_loadu_si512(values + (slot / 2 * padded + offset + v * kLanes) * 4);
        }
        if (slot % 2 == 0) {
          for (int v = 0; v < V; ++v) value[v] = _mm512_castsi512_ps(_mm512_slli_epi32(pairs[v], 16));
          AddWeighted<M, V>(weights + slot, task.scratch_stride, value, out);
          if (++slot == to) break;
        }
        for (int v = 0; v < V; ++v) value[v] = _mm512_castsi512_ps(_mm512_and_si512(pairs[v], high));
      } else {
        for (int v = 0; v < V; ++v) {
          value[v] = _mm512_loadu_ps(reinterpret_cast<const float*>(values) + slot * padded + offset + v * kLanes);
        }
      }
      AddWeighted<M, V>(weights + slot, task.scratch_stride, value, out);
    }
  }
  for (int m = 0; m < M; ++m) {
    const __m512 inverse = _mm512_set1_ps(1 / sums[m]);
    for (int v = 0; v < V; ++v) {
      const int64_t left = task.pages.head_dim - offset - v * kLanes;
      const __mmask16 valid = left >= kLanes ? 0xffff : static_cast<__mmask16>((1 << left) - 1);
      _mm512_mask_storeu_ps(queries[m].out + offset + v * kLanes, valid, _mm512_mul_ps(out[m][v], inverse));
    }
  }
}

template <int M, bool kBf16>
void AttendSome(const AttendTask& task, const Query* queries) {
  Span span{0, 0, queries[0].begin, queries[0].last};
  for (int m = 1; m < M; ++m) {
    span.begin = queries[m].begin < span.begin ? queries[m].begin : span.begin;
    span.last = queries[m].last > span.last ? queries[m].last : span.last;
  }
  span.first_page = span.begin / kPageLanes;
  span.last_page = span.last / kPageLanes;
  float sums[M];
  Weights<M, kBf16>(task, queries, span, sums);
  int64_t offset = 0;
  for (; offset + kVectors * kLanes <= task.pages.padded_dim; offset += kVectors * kLanes) {
    AddValues<M, kVectors, kBf16>(task, queries, span, sums, offset);
  }
  for (; offset < task.pages.padded_dim; offset += kLanes) {
    AddValues<M, 1, kBf16>(task, queries, span, sums, offset);
  }
}

template <bool kBf16>
void AttendAll(const AttendTask& task) {
  for (int64_t i = 0; i < task.queries; i += kAtOnce) {
    Query queries[kAtOnce];
    const int64_t count = task.queries - i < kAtOnce ? task.queries - i : kAtOnce;
    for (int64_t m = 0; m < count; ++m) queries[m] = QueryOf(task, i + m);
    switch (count) {
      case 1:
        AttendSome<1, kBf16>(task, queries);
        break;
      case 2:
        AttendSome<2, kBf16>(task, queries);
        break;
      case 3:
        AttendSome<3, kBf16>(task, queries);
        break;
      default:
        AttendSome<4, kBf16>(task, queries);
    }
  }
}

}  // namespace

void AttendF32Avx512(const AttendTask& task) { AttendAll<false>(task); }
void AttendBf16Avx512(const AttendTask& task) { AttendAll<true>(task); }

}  // namespace troupe::kernels
