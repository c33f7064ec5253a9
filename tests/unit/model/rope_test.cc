#include "runtime/model/rope.h"

#include <gtest/gtest.h>

#include <cmath>

namespace troupe::model {
namespace {

struct Angles {
  std::vector<float> cosines, sines;
};

Angles At(const Rope& rope, int64_t position, int64_t length) {
  Angles angles{std::vector<float>(rope.pairs()), std::vector<float>(rope.pairs())};
  rope.Fill(position, 1, length, angles.cosines.data(), angles.sines.data());
  return angles;
}

RopeConfig Config(RopeKind kind) {
  RopeConfig config{.kind = kind, .theta = 100, .dims = 4};
  config.factor = 2;
  config.original_positions = 8;
  config.short_divisors = {1, 2};
  config.long_divisors = {4, 8};
  return config;
}

TEST(RopeTest, PairsTurnByPowersOfTheBase) {
  const Rope rope(Config(RopeKind::kDefault));
  const Angles angles = At(rope, 3, 4);
  EXPECT_NEAR(angles.cosines[0], std::cos(3.0), 1e-6);
  EXPECT_NEAR(angles.sines[0], std::sin(3.0), 1e-6);
  EXPECT_NEAR(angles.sines[1], std::sin(0.3), 1e-6);
}

TEST(RopeTest, ManyPositionsFillRowByRow) {
  const Rope rope(Config(RopeKind::kLinear));
  std::vector<float> cosines(6), sines(6);
  rope.Fill(5, 3, 8, cosines.data(), sines.data());
  for (int row = 0; row < 3; ++row) {
    EXPECT_NEAR(sines[2 * row], std::sin((5 + row) / 2.0), 1e-6);
    EXPECT_NEAR(cosines[2 * row + 1], std::cos((5 + row) / 20.0), 1e-6);
  }
}

TEST(RopeTest, LengthChoosesTheDivisorsOfLongRope) {
  const Rope rope(Config(RopeKind::kLongRope));
  EXPECT_NEAR(At(rope, 7, 8).sines[1], std::sin(7 * 0.1 / 2), 1e-6);
  EXPECT_NEAR(At(rope, 7, 9).sines[1], std::sin(7 * 0.1 / 8), 1e-6);
}

TEST(RopeTest, LengthMovesTheBaseOfDynamic) {
  const Rope rope(Config(RopeKind::kDynamic));
  EXPECT_NEAR(At(rope, 7, 8).sines[1], std::sin(0.7), 1e-6);
  // twice the length: the base grows by (2 * 2 - 1)^(4 / 2) = 9
  EXPECT_NEAR(At(rope, 7, 16).sines[1], std::sin(7 / std::sqrt(900.0)), 1e-6);
}

TEST(RopeTest, AttentionFactorScalesBoth) {
  RopeConfig config = Config(RopeKind::kYarn);
  config.attention_factor = 1.5;
  const Angles angles = At(Rope(config), 5, 8);
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(std::hypot(angles.cosines[i], angles.sines[i]), 1.5, 1e-6);
}

}  // namespace
}  // namespace troupe::model
