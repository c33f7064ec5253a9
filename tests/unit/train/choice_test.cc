#include "runtime/train/choice.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace troupe::train {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Each text is an angle in a plane.
at::Tensor Angles(const std::vector<double>& degrees) {
  std::vector<float> values;
  for (const double degree : degrees) {
    values.push_back(static_cast<float>(3 * std::cos(degree * M_PI / 180)));
    values.push_back(static_cast<float>(3 * std::sin(degree * M_PI / 180)));
  }
  return at::tensor(values).view({static_cast<int64_t>(degrees.size()), 2});
}
std::vector<SureAnswer> Sure(const std::vector<double>& confidences) {
  std::vector<SureAnswer> answers;
  for (const double confidence : confidences) answers.push_back({.confidence = confidence});
  return answers;
}

TEST(Choice, TheLeastSureIsFirstAndItsTwinIsNotSecond) {
  // given three that ask nearly the same, of which the student is least sure, and one that asks something else
  const auto chosen = ChooseToAsk(Sure({0.3, 0.2, 0.25, 0.6}), Angles({0, 1, 2, 90}), 3);
  // then something else comes second
  EXPECT_THAT(chosen, ElementsAre(1, 3, 2));
}

TEST(Choice, WhatIsSureIsNotAskedForItsDistance) {
  EXPECT_THAT(ChooseToAsk(Sure({0.2, 0.5, 0.999}), Angles({0, 40, 180}), 2), ElementsAre(0, 1));
}

TEST(Choice, EqualTextsComeInTheirOrderAndNoMoreThanThereAre) {
  EXPECT_THAT(ChooseToAsk(Sure({0.5, 0.5, 0.5}), Angles({10, 10, 10}), 9), ElementsAre(0, 1, 2));
  EXPECT_THAT(ChooseToAsk(Sure({0.5}), Angles({10}), 0), IsEmpty());
}

}  // namespace
}  // namespace troupe::train
