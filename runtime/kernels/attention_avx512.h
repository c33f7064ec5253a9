// What attention on 512-bit registers does alike, with tiles and without. Only for files that are compiled for AVX-512;
// internal to them.
#pragma once

#include <immintrin.h>

#include "runtime/kernels/exp_avx512.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

struct Query {
  const float* at;
  float* out;
  int64_t begin;  // first and last position it sees
  int64_t last;
};

// The task's i-th.
inline Query QueryOf(const AttendTask& task, int64_t i) {
  const int64_t row = i / task.heads;
  const int64_t offset = i % task.heads * task.pages.head_dim;
  const int64_t last = task.last < 0 ? task.first + row : task.last;
  const int64_t begin = task.window == 0 || last < task.window ? 0 : last - task.window + 1;
  return {task.query + row * task.query_stride + offset, task.out + row * task.out_stride + offset, begin, last};
}

inline const uint8_t* Head(const AttendTask& task, int64_t page) {
  return task.pages.data + task.page_ids[page] * task.pages.page_bytes + task.kv_head * task.pages.head_bytes;
}

// Lanes of the page whose positions the query sees.
inline __mmask16 Seen(const Query& query, int64_t page) {
  const int64_t from = query.begin - page * kPageLanes;
  const int64_t to = query.last - page * kPageLanes;  // included
  if (to < 0 || from >= kPageLanes) return 0;
  const unsigned upto = to >= kPageLanes - 1 ? 0xffffU : (2U << to) - 1;
  const unsigned before = from <= 0 ? 0U : (1U << from) - 1;
  return static_cast<__mmask16>(upto & ~before);
}

// A score as softmax takes it, from a dot product.
inline __m512 Score(__m512 dot, float scale, float softcap) {
  const __m512 score = _mm512_mul_ps(dot, _mm512_set1_ps(scale));
  if (softcap == 0) return score;
  // tanh x = (e^2x - 1) / (e^2x + 1)
  const __m512 cap = _mm512_set1_ps(softcap), one = _mm512_set1_ps(1);
  const __m512 x = _mm512_div_ps(score, cap);
  const __m512 e = Exp(_mm512_add_ps(x, x));
  return _mm512_mul_ps(_mm512_div_ps(_mm512_sub_ps(e, one), _mm512_add_ps(e, one)), cap);
}

}  // namespace
}  // namespace troupe::kernels
