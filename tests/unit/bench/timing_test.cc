#include "tests/bench/generate/timing.h"

#include <gtest/gtest.h>

namespace troupe::bench {
namespace {

constexpr int64_t kMs = 1'000'000;

TEST(TimingTest, OneAnswer) {
  // 100 tokens read in 50 ms, then four more tokens, one in 10 ms
  const Speed speed = SpeedOf({{0, 100, {{50 * kMs, 1}, {60 * kMs, 1}, {70 * kMs, 1}, {80 * kMs, 1}, {90 * kMs, 1}}}});
  EXPECT_DOUBLE_EQ(speed.prompt, 2000.0);
  EXPECT_DOUBLE_EQ(speed.decode, 100.0);
  EXPECT_DOUBLE_EQ(speed.out, 5 / 0.09);
  EXPECT_DOUBLE_EQ(speed.first_token_ms, 50.0);
  EXPECT_EQ(speed.tokens, 5);
}

TEST(TimingTest, WhatCameWhileOthersReadTheirPromptsDoesNotCountAsDecoding) {
  const Speed speed = SpeedOf({{0, 100, {{10 * kMs, 1}, {20 * kMs, 1}, {30 * kMs, 2}, {40 * kMs, 1}}},
                               {5 * kMs, 100, {{20 * kMs, 1}, {30 * kMs, 1}, {40 * kMs, 1}}}});
  EXPECT_DOUBLE_EQ(speed.prompt, 200 / 0.02);
  EXPECT_DOUBLE_EQ(speed.decode, 5 / 0.02);
  EXPECT_DOUBLE_EQ(speed.first_token_ms, 12.5);
  EXPECT_EQ(speed.tokens, 8);
}

TEST(TimingTest, OneTokenEachHasNoDecoding) {
  const Speed speed = SpeedOf({{0, 512, {{256 * kMs, 1}}}});
  EXPECT_DOUBLE_EQ(speed.prompt, 2000.0);
  EXPECT_DOUBLE_EQ(speed.decode, 0.0);
}

TEST(TimingTest, NothingCame) {
  EXPECT_EQ(SpeedOf({}).tokens, 0);
  EXPECT_DOUBLE_EQ(SpeedOf({{0, 10, {}}}).prompt, 0.0);
}

}  // namespace
}  // namespace troupe::bench
