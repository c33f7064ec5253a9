#include "runtime/quantize/fit_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/kernels/grid.h"
#include "tests/unit/quantize/random_inputs.h"

namespace troupe::quantize {
namespace {

double ErrorOf(std::span<const float> values, std::span<const float> importance, float scale, int bits) {
  double error = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double gap = values[i] - ValueOf(CodeOf(values[i], scale, bits), scale, bits);
    error += gap * gap * (importance.empty() ? 1 : importance[i]);
  }
  return error;
}

TEST(FitScale, ValuesOnAGridComeBackExactly) {
  for (const float scale : {0.125f, -0.125f}) {
    std::vector<float> values;
    for (int code = 0; code < 16; ++code) values.push_back(ValueOf(static_cast<uint8_t>(code), scale, 4));
    const float fitted = FitScale(values, {}, 4);
    EXPECT_EQ(fitted, scale);
    EXPECT_EQ(ErrorOf(values, {}, fitted, 4), 0);
  }
}

TEST(FitScale, LosesLessThanTheLargestValuesScale) {
  double fitted = 0, largest = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const at::Tensor tensor = Random(1, 64, seed);
    const std::span<const float> values(tensor.const_data_ptr<float>(), 64);
    const kernels::Grid grid = kernels::RoundToGrid(values, 1, 64, 4, 64);
    const std::vector<float> rounded = kernels::Values(grid);
    double error = 0;
    for (size_t i = 0; i < 64; ++i) error += std::pow(values[i] - rounded[i], 2);
    const double own = ErrorOf(values, {}, FitScale(values, {}, 4), 4);
    EXPECT_LE(own, error * 1.001);
    fitted += own;
    largest += error;
  }
  EXPECT_LT(fitted, 0.95 * largest);
}

TEST(FitScale, WhatMattersMoreIsRoundedBetter) {
  const at::Tensor tensor = Random(1, 64, 11);
  std::vector<float> values(tensor.const_data_ptr<float>(), tensor.const_data_ptr<float>() + 64);
  values[9] = 6;  // an outlier
  std::vector<float> importance(64, 1.0f);
  importance[9] = 1e-6f;
  const float ignoring = FitScale(values, importance, 4), minding = FitScale(values, {}, 4);
  EXPECT_LT(std::abs(ignoring), std::abs(minding));
  EXPECT_LT(ErrorOf(values, importance, ignoring, 4), ErrorOf(values, importance, minding, 4));
}

TEST(FitScale, NothingButZerosHasNoScale) {
  const std::vector<float> zeros(8, 0.0f);
  EXPECT_EQ(FitScale(zeros, {}, 4), 0);
  EXPECT_EQ(CodeOf(0, 0, 4), 8);
  const std::vector<float> tiny(8, 1e-12f);  // no binary16 is so small
  EXPECT_EQ(FitScale(tiny, {}, 4), 0);
}

}  // namespace
}  // namespace troupe::quantize
