// What models on kernels of our own are put together from: linear layers, rows shared out among a team, memory to work
// in. Internal to the folder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kernels/activations.h"
#include "runtime/kernels/matrix.h"
#include "runtime/kernels/rows.h"
#include "runtime/kernels/team.h"
#include "runtime/model/weight_format.h"

namespace troupe::model {

struct CpuLinear {
  kernels::Matrix matrix;
  std::vector<float> bias;  // empty: none
};

// So few rows are done sooner than shared out.
constexpr int64_t kSerialRows = 2;
// Pieces of a product or of a batch's rows for each thread: enough that one which is held up does not hold up the rest.
constexpr int64_t kPiecesPerThread = 6;
// Rows whose attention is one piece of work.
constexpr int64_t kAttentionRows = 16;

// What products with it are said to be computed in: "fp32", "bf16", "int8", "int4".
std::string ComputeOf(const kernels::Matrix& matrix);

// Calls work(row) for each row.
template <class Work>
void ForRows(kernels::Team& team, int64_t rows, Work&& work) {
  if (rows <= kSerialRows) {
    for (int64_t row = 0; row < rows; ++row) work(row);
    return;
  }
  team.RunRanges(rows, kPiecesPerThread, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) work(row);
  });
}

// out [rows, linear's rows] = linear(input), or added to what is there.
void Product(kernels::Team& team, const CpuLinear& linear, const kernels::Activations& input, float* out, bool add);

// out = gate(first half of linear(input)) * second half, or gate(linear(input)) where linear is no wider than `next`'s
// input, in the form that `next` takes. Some columns at a time from the product to the form, so that what lies between
// never leaves the cache.
void ProductThroughGate(kernels::Team& team, const CpuLinear& linear, const kernels::Activations& input,
                        kernels::Gate gate, const kernels::Matrix& next, kernels::Activations& out);

// Memory of the calling thread's own, at least `size` floats.
std::span<float> Scratch(size_t size);

// Room for `size` floats at least; keeps what is there.
void GrowTo(std::vector<float>& buffer, int64_t size);

// Of a contiguous float32 tensor on the CPU.
std::span<const float> Floats(const at::Tensor& tensor);
// Of any float32 tensor on the CPU; empty for an undefined one.
std::vector<float> ToVector(const at::Tensor& tensor);

// `weight` [rows, columns], float32 on the CPU, in this format: on a symmetric grid in groups of `group` columns, or of
// 32, where the columns can be divided so; else in bfloat16. kStored is bfloat16.
Result<kernels::Matrix> PackWeight(const at::Tensor& weight, WeightFormat format, int64_t group);

}  // namespace troupe::model
