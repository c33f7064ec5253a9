#include "runtime/kernels/rows.h"

#include <cmath>

#include "runtime/kernels/isa.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

const Table& BestTable() {
#ifdef TROUPE_AVX512
  if (BestIsa() == Isa::kAmx) return kAmxTable;
  if (BestIsa() == Isa::kAvx512) return kAvx512Table;
#endif
  return kPortableTable;
}

void RmsNorm(const float* x, const float* weight, int64_t n, float eps, float* out) {
  BestTable().rms_norm(x, weight, n, eps, out);
}

void LayerNorm(const float* x, const float* weight, const float* bias, int64_t n, float eps, float* out) {
  BestTable().layer_norm(x, weight, bias, n, eps, out);
}

void Rotate(float* x, int64_t heads, int64_t dim, int64_t pairs, const float* cosines, const float* sines) {
  BestTable().rotate(x, heads, dim, pairs, cosines, sines);
}

void ApplyGate(Gate gate, const float* x, const float* up, int64_t n, float* out) {
  const Table& table = BestTable();
  (gate == Gate::kSilu ? table.silu : gate == Gate::kGelu ? table.gelu : table.gelu_tanh)(x, up, n, out);
}

Highest FindHighest(const float* x, int64_t n) {
  Highest highest;
  highest.at = BestTable().find_highest(x, n, &highest.value);
  return highest;
}

void KeepAllowed(float* x, int64_t n, const uint32_t* words, int64_t count) {
  BestTable().keep_allowed(x, n, words, count);
}

void SoftCap(float* values, int64_t n, float cap) {
  for (int64_t i = 0; i < n; ++i) values[i] = cap * std::tanh(values[i] / cap);
}

}  // namespace troupe::kernels
