#include "runtime/quantize/gptq.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cholesky_inverse.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"
#include "runtime/quantize/fit_scale.h"

namespace troupe::quantize {
namespace {

// Columns that are made up for one by one; those behind them all at once.
constexpr int64_t kBlock = 64;
constexpr int64_t kGrain = 16;  // rows that a thread takes at a time

// Groups of columns in the order in which they are taken, and columns within: position to column.
std::vector<int64_t> Order(const std::vector<float>& diagonal, const GptqOptions& options) {
  const auto columns = static_cast<int64_t>(diagonal.size());
  std::vector<int64_t> order(diagonal.size());
  std::iota(order.begin(), order.end(), 0);
  if (options.order == ColumnOrder::kAsTheyStand) return order;
  std::vector<double> sums(static_cast<size_t>(columns / options.group));
  for (size_t i = 0; i < diagonal.size(); ++i) sums[i / static_cast<size_t>(options.group)] += diagonal[i];
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const auto group_a = static_cast<size_t>(a / options.group), group_b = static_cast<size_t>(b / options.group);
    if (group_a != group_b) return sums[group_a] != sums[group_b] ? sums[group_a] > sums[group_b] : group_a < group_b;
    return diagonal[static_cast<size_t>(a)] > diagonal[static_cast<size_t>(b)];
  });
  return order;
}

// The upper Cholesky factor of the damped hessian's inverse, float32 (computed in float64).
Result<at::Tensor> InverseFactor(const at::Tensor& hessian, double damping) {
  at::Tensor h = hessian.to(at::kDouble);
  const double mean = h.diagonal().mean().item<double>();
  if (!std::isfinite(mean) || mean < 0) return Invalid("the inputs of a layer are no finite numbers");
  const at::Tensor eye = at::eye(h.size(0), h.options());
  // An input that never comes (a zero column) is made up for by damping alone.
  const double unit = mean > 0 ? mean : 1.0;
  for (double factor : {1.0, 10.0, 100.0}) {
    const auto [lower, info] = at::linalg_cholesky_ex(h + eye * (damping * factor * unit));
    if (info.item<int32_t>() != 0) continue;
    const auto [upper, failed] = at::linalg_cholesky_ex(at::cholesky_inverse(lower), true);
    if (failed.item<int32_t>() == 0) return upper.to(at::kFloat).contiguous();
  }
  return Invalid("the inputs of a layer depend on each other too much: calibrate with more text or more damping");
}

struct Work {
  const GptqOptions& options;
  at::Tensor weights;  // [rows, columns] in the order of columns, changed as it goes
  at::Tensor factor;   // [columns, columns]
  std::vector<uint8_t> codes;
  std::vector<float> scales;  // [rows], of the group at work

  // The scales of columns [begin, begin + group), for all rows.
  void FitScales(int64_t begin) {
    const int64_t columns = weights.size(1), group = options.group;
    const auto* u = factor.const_data_ptr<float>();
    std::vector<float> importance;
    for (int64_t j = begin; j < begin + group; ++j) importance.push_back(1 / (u[j * columns + j] * u[j * columns + j]));
    const auto* w = weights.const_data_ptr<float>();
    at::parallel_for(0, weights.size(0), kGrain, [&](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; ++row) {
        const std::span<const float> values(w + row * columns + begin, static_cast<size_t>(group));
        scales[static_cast<size_t>(row)] = FitScale(values, importance, options.bits);
      }
    });
  }

  // Rounds columns [begin, end), which are of one group; gives what each rounding left, over the factor's diagonal:
  // [rows, end - begin].
  at::Tensor Round(int64_t begin, int64_t end) {
    const int64_t columns = weights.size(1), rows = weights.size(0), width = end - begin;
    const auto* u = factor.const_data_ptr<float>();
    auto* w = weights.data_ptr<float>();
    at::Tensor errors = at::empty({rows, width}, weights.options());
    auto* e = errors.data_ptr<float>();
    at::parallel_for(0, rows, kGrain, [&](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; ++row) {
        float* values = w + row * columns;
        const float scale = scales[static_cast<size_t>(row)];
        for (int64_t j = begin; j < end; ++j) {
          const uint8_t code = CodeOf(values[j], scale, options.bits);
          const float error = (values[j] - ValueOf(code, scale, options.bits)) / u[j * columns + j];
          codes[static_cast<size_t>(row * columns + j)] = code;
          e[row * width + j - begin] = error;
          for (int64_t k = j + 1; k < end; ++k) values[k] -= error * u[j * columns + k];
        }
      }
    });
    return errors;
  }
};

}  // namespace

Result<kernels::Grid> Gptq(const at::Tensor& weight, const at::Tensor& hessian, const GptqOptions& options) {
  const int64_t rows = weight.size(0), columns = weight.size(1), group = options.group, groups = columns / group;
  CHECK(columns % group == 0 && hessian.size(0) == columns && hessian.size(1) == columns);
  const at::Tensor diagonal = hessian.diagonal().contiguous();
  const auto* d = diagonal.const_data_ptr<float>();
  const std::vector<int64_t> order = Order({d, d + columns}, options);
  const at::Tensor index = at::empty({columns}, at::TensorOptions().dtype(at::kLong));
  std::copy(order.begin(), order.end(), index.data_ptr<int64_t>());
  TRY_ASSIGN(const at::Tensor factor,
             InverseFactor(hessian.index_select(0, index).index_select(1, index), options.damping));
  Work work{options, weight.index_select(1, index).contiguous(), factor,
            std::vector<uint8_t>(static_cast<size_t>(rows * columns)), std::vector<float>(static_cast<size_t>(rows))};

  kernels::Grid grid{.rows = rows, .columns = columns, .bits = options.bits, .group = group};
  grid.scales.resize(static_cast<size_t>(rows * groups));
  for (int64_t begin = 0; begin < columns; begin += group) {
    work.FitScales(begin);
    const int64_t own_group = order[static_cast<size_t>(begin)] / group;
    for (int64_t row = 0; row < rows; ++row) {
      grid.scales[static_cast<size_t>(row * groups + own_group)] =
          kernels::FloatToHalf(work.scales[static_cast<size_t>(row)]);
    }
    for (int64_t from = begin; from < begin + group; from += kBlock) {
      const int64_t to = std::min(from + kBlock, begin + group);
      const at::Tensor errors = work.Round(from, to);
      if (to == columns) break;
      work.weights.narrow(1, to, columns - to)
          .sub_(at::matmul(errors, factor.narrow(0, from, to - from).narrow(1, to, columns - to)));
    }
  }
  grid.codes.resize(work.codes.size());
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t j = 0; j < columns; ++j) {
      grid.codes[static_cast<size_t>(row * columns + order[static_cast<size_t>(j)])] =
          work.codes[static_cast<size_t>(row * columns + j)];
    }
  }
  return grid;
}

kernels::Grid RoundFitted(const at::Tensor& weight, int bits, int64_t group) {
  const at::Tensor whole = weight.contiguous();
  const auto* values = whole.const_data_ptr<float>();
  kernels::Grid grid{.rows = whole.size(0), .columns = whole.size(1), .bits = bits, .group = group};
  grid.codes.resize(static_cast<size_t>(whole.numel()));
  grid.scales.resize(static_cast<size_t>(whole.numel() / group));
  at::parallel_for(0, static_cast<int64_t>(grid.scales.size()), kGrain, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const std::span<const float> part(values + i * group, static_cast<size_t>(group));
      const float scale = FitScale(part, {}, bits);
      grid.scales[static_cast<size_t>(i)] = kernels::FloatToHalf(scale);
      for (int64_t j = 0; j < group; ++j) {
        grid.codes[static_cast<size_t>(i * group + j)] = CodeOf(part[static_cast<size_t>(j)], scale, bits);
      }
    }
  });
  return grid;
}

at::Tensor ToTensor(const kernels::Grid& grid) {
  const std::vector<float> values = kernels::Values(grid);
  at::Tensor tensor = at::empty({grid.rows, grid.columns}, at::TensorOptions().dtype(at::kFloat));
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

double OutputError(const at::Tensor& weight, const kernels::Grid& grid, const at::Tensor& hessian) {
  const at::Tensor gap = (weight - ToTensor(grid)).to(at::kDouble);
  return (at::matmul(gap, hessian.to(at::kDouble)) * gap).sum().item<double>();
}

}  // namespace troupe::quantize
