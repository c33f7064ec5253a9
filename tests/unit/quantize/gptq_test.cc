#include "runtime/quantize/gptq.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/quantize/random_inputs.h"

namespace troupe::quantize {
namespace {

kernels::Grid Rtn(const at::Tensor& weight, int bits, int64_t group) {
  const std::span<const float> values(weight.const_data_ptr<float>(), static_cast<size_t>(weight.numel()));
  return kernels::RoundToGrid(values, weight.size(0), weight.size(1), bits, group);
}

TEST(Gptq, LosesLessOfTheOutputThanRounding) {
  const at::Tensor weight = Random(48, 128, 1, 0.1f);
  const at::Tensor hessian = CorrelatedHessian(128, 2);
  for (const int bits : {4, 8}) {
    for (const int64_t group : {32, 64, 128}) {
      for (const ColumnOrder order : {ColumnOrder::kAsTheyStand, ColumnOrder::kLargestFirst}) {
        SCOPED_TRACE(std::to_string(bits) + " bits, groups of " + std::to_string(group));
        const auto grid = Gptq(weight, hessian, {.bits = bits, .group = group, .order = order});
        ASSERT_TRUE(grid) << ToString(grid.error());
        ASSERT_TRUE(kernels::CheckGrid(*grid));
        EXPECT_EQ(grid->bits, bits);
        EXPECT_EQ(grid->group, group);
        EXPECT_LT(OutputError(weight, *grid, hessian), 0.6 * OutputError(weight, Rtn(weight, bits, group), hessian));
        EXPECT_LT(OutputError(weight, *grid, hessian),
                  0.8 * OutputError(weight, RoundFitted(weight, bits, group), hessian));
      }
    }
  }
}

TEST(Gptq, WhereInputsDoNotDependOnEachOtherItIsRounding) {
  const at::Tensor weight = Random(16, 64, 3);
  const at::Tensor hessian = at::eye(64, weight.options());
  const auto grid = Gptq(weight, hessian, {.group = 32});
  ASSERT_TRUE(grid);
  EXPECT_EQ(*grid, RoundFitted(weight, 4, 32));
}

// A column whose input is large must be rounded well, wherever it stands: a grid whose columns or groups are not put
// back in their places fails here.
TEST(Gptq, TheOrderOfColumnsIsUndone) {
  const at::Tensor weight = Random(32, 128, 4);
  const at::Tensor hessian = CorrelatedHessian(128, 5);
  for (const int64_t column : {1, 70, 127}) {
    at::Tensor skewed = hessian.clone();
    skewed.select(0, column) *= 30;
    skewed.select(1, column) *= 30;
    const auto grid = Gptq(weight, skewed, {.group = 64, .order = ColumnOrder::kLargestFirst});
    ASSERT_TRUE(grid);
    const at::Tensor gap = (weight - ToTensor(*grid)).pow(2).mean(0);
    EXPECT_LT(gap[column].item<double>(), gap.mean().item<double>()) << column;
    EXPECT_LT(gap.max().item<double>(), 1.0);
  }
}

TEST(Gptq, AnInputThatNeverComesDoesNoHarm) {
  at::Tensor hessian = CorrelatedHessian(32, 6);
  hessian.select(0, 5).zero_();
  hessian.select(1, 5).zero_();
  const at::Tensor weight = Random(8, 32, 7);
  EXPECT_TRUE(Gptq(weight, hessian, {.group = 32}));
  EXPECT_TRUE(Gptq(weight, at::zeros({32, 32}), {.group = 32}));
}

TEST(Gptq, InputsThatAreNoNumbersAreRefused) {
  at::Tensor hessian = CorrelatedHessian(32, 8);
  hessian[3][3] = std::numeric_limits<float>::quiet_NaN();
  const auto grid = Gptq(Random(8, 32, 9), hessian, {.group = 32});
  ASSERT_FALSE(grid);
  EXPECT_EQ(grid.error().code, Code::kInvalidArgument);
  EXPECT_FALSE(Gptq(Random(8, 32, 9), -CorrelatedHessian(32, 8), {.group = 32}));
}

}  // namespace
}  // namespace troupe::quantize
