#include <algorithm>
#include <cmath>

#include "runtime/kernels/float16.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {
namespace {

float Key(const float* keys, int64_t d, int64_t slot) { return keys[d * kPageLanes + slot]; }
float Key(const uint16_t* keys, int64_t d, int64_t slot) {
  return Bf16ToFloat(keys[(d / 2 * kPageLanes + slot) * 2 + d % 2]);
}
float ValueOf(const float* values, int64_t padded, int64_t d, int64_t slot) { return values[slot * padded + d]; }
float ValueOf(const uint16_t* values, int64_t padded, int64_t d, int64_t slot) {
  return Bf16ToFloat(values[(slot / 2 * padded + d) * 2 + slot % 2]);
}

// Number: float or bfloat16's bits.
template <class Number>
void AttendPortable(const AttendTask& task) {
  const PagesView& p = task.pages;
  const auto head = [&](int64_t position) {
    return p.data + task.page_ids[position / kPageLanes] * p.page_bytes + task.kv_head * p.head_bytes;
  };
  for (int64_t i = 0; i < task.queries; ++i) {
    const int64_t row = i / task.heads, offset = i % task.heads * p.head_dim;
    const float* query = task.query + row * task.query_stride + offset;
    const int64_t last = task.last < 0 ? task.first + row : task.last;
    const int64_t begin = task.window == 0 ? 0 : std::max<int64_t>(0, last - task.window + 1);
    float highest = -INFINITY;
    for (int64_t t = begin; t <= last; ++t) {
      const auto* keys = reinterpret_cast<const Number*>(head(t));
      float score = 0;
      for (int64_t d = 0; d < p.head_dim; ++d) score += query[d] * Key(keys, d, t % kPageLanes);
      score *= task.scale;
      if (task.softcap != 0) score = task.softcap * std::tanh(score / task.softcap);
      task.scratch[t] = score;
      highest = std::max(highest, score);
    }
    float sum = 0;
    for (int64_t t = begin; t <= last; ++t) sum += task.scratch[t] = std::exp(task.scratch[t] - highest);
    float* out = task.out + row * task.out_stride + offset;
    std::fill(out, out + p.head_dim, 0.0F);
    for (int64_t t = begin; t <= last; ++t) {
      const auto* values = reinterpret_cast<const Number*>(head(t) + p.value_bytes);
      for (int64_t d = 0; d < p.head_dim; ++d) {
        out[d] += task.scratch[t] * ValueOf(values, p.padded_dim, d, t % kPageLanes);
      }
    }
    for (int64_t d = 0; d < p.head_dim; ++d) out[d] /= sum;
  }
}

}  // namespace

void AttendF32Portable(const AttendTask& task) { AttendPortable<float>(task); }
void AttendBf16Portable(const AttendTask& task) { AttendPortable<uint16_t>(task); }

}  // namespace troupe::kernels
