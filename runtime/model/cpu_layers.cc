#include "runtime/model/cpu_layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>

#include <algorithm>

#include "runtime/kernels/grid.h"

namespace troupe::model {

std::string ComputeOf(const kernels::Matrix& matrix) {
  switch (matrix.format()) {
    case kernels::Format::kF32:
      return "fp32";
    case kernels::Format::kBf16:
      return "bf16";
    case kernels::Format::kU8:
      return "int8";
    case kernels::Format::kU4:
      break;
  }
  return "int4";
}

void Product(kernels::Team& team, const CpuLinear& linear, const kernels::Activations& input, float* out, bool add) {
  const kernels::Output output{out, 0, linear.matrix.rows(), linear.bias.empty() ? nullptr : linear.bias.data(), add};
  team.RunRanges(linear.matrix.panels(), kPiecesPerThread,
                 [&](int64_t first, int64_t last) { kernels::Multiply(linear.matrix, input, first, last, output); });
}

namespace {

constexpr int64_t kLanes = kernels::kLanes;

// Columns of `next` that ProductThroughGate works on at a time: whole panels of the product, whole blocks of `next`.
// All of them where half of the product's rows is no number of panels.
int64_t GateUnit(const kernels::Matrix& next) {
  constexpr int64_t kLeast = 64;
  if (next.columns() % kLanes != 0) return next.columns();
  const int64_t block = std::max<int64_t>(next.block(), 1);
  const int64_t unit = (kLeast + block - 1) / block * block;
  return unit % kLanes == 0 ? unit : 2 * unit;  // blocks are multiples of 8
}

}  // namespace

void ProductThroughGate(kernels::Team& team, const CpuLinear& linear, const kernels::Activations& input,
                        kernels::Gate gate, const kernels::Matrix& next, kernels::Activations& out) {
  const int64_t width = next.columns(), rows = input.rows();
  const bool has_up = linear.matrix.rows() == 2 * width;
  const int64_t unit = GateUnit(next);
  out.Shape(next, rows);
  const float* bias = linear.bias.empty() ? nullptr : linear.bias.data();
  const auto run = [&](int64_t column) {
    const int64_t count = std::min(unit, width - column), stride = has_up ? 2 * count : count;
    const std::span<float> both = Scratch(static_cast<size_t>(rows * stride));
    const auto multiply = [&](int64_t first, int64_t last, float* to) {
      const kernels::Output output{to, first / kLanes, stride, bias, false};
      kernels::Multiply(linear.matrix, input, first / kLanes, (last + kLanes - 1) / kLanes, output);
    };
    if (count == width) {
      multiply(0, stride, both.data());
    } else {
      multiply(column, column + count, both.data());
      if (has_up) multiply(width + column, width + column + count, both.data() + count);
    }
    for (int64_t row = 0; row < rows; ++row) {
      float* x = both.data() + row * stride;
      kernels::ApplyGate(gate, x, has_up ? x + count : nullptr, count, x);
      out.SetPart(row, column, count, x);
    }
  };
  team.RunRanges((width + unit - 1) / unit, kPiecesPerThread, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) run(i * unit);
  });
}

std::span<float> Scratch(size_t size) {
  thread_local std::vector<float> scratch;
  if (scratch.size() < size) scratch.resize(size);
  return scratch;
}

void GrowTo(std::vector<float>& buffer, int64_t size) {
  if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(static_cast<size_t>(size));
}

std::span<const float> Floats(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

std::vector<float> ToVector(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const at::Tensor whole = tensor.contiguous();
  const auto floats = Floats(whole);
  return {floats.begin(), floats.end()};
}

Result<kernels::Matrix> PackWeight(const at::Tensor& weight, WeightFormat format, int64_t group) {
  const at::Tensor whole = weight.contiguous();
  const int64_t rows = whole.size(0), columns = whole.size(1);
  const int bits = format == WeightFormat::kInt4 ? 4 : format == WeightFormat::kInt8 ? 8 : 0;
  if (columns % group != 0) group = 32;
  if (bits == 0 || columns % group != 0) {
    return kernels::Matrix::FromFloats(Floats(whole), rows, columns,
                                       format == WeightFormat::kF32 ? kernels::Format::kF32 : kernels::Format::kBf16);
  }
  return kernels::Matrix::FromGrid(kernels::RoundToGrid(Floats(whole), rows, columns, bits, group));
}

}  // namespace troupe::model
