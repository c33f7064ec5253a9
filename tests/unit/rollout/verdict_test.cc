#include "router/rollout/verdict.h"

#include <gtest/gtest.h>

namespace troupe::rollout {
namespace {

constexpr CanaryRule kRule{.percent = 10, .min_tasks = 20, .margin_percent = 5};

bool GoesBack(Tally canary, Tally current, CanaryRule rule = kRule) {
  return WhyRollBack(rule, canary, current).has_value();
}

TEST(Verdict, NothingIsJudgedTooEarly) {
  EXPECT_FALSE(GoesBack({19, 19}, {1'000, 0}));
  EXPECT_TRUE(GoesBack({20, 19}, {1'000, 0}));
  EXPECT_FALSE(GoesBack({0, 0}, {0, 0}));
}

TEST(Verdict, TheMarginItselfIsAllowed) {
  // 10 of 200 are exactly 5 points more than none
  EXPECT_FALSE(GoesBack({200, 10}, {1'000, 0}));
  EXPECT_TRUE(GoesBack({200, 11}, {1'000, 0}));
  // the current version fails too: 12% against 7%, and against 6%
  EXPECT_FALSE(GoesBack({100, 12}, {100, 7}));
  EXPECT_TRUE(GoesBack({100, 12}, {100, 6}));
}

TEST(Verdict, WhereBothFailAlikeTheCanaryIsNotToBlame) {
  EXPECT_FALSE(GoesBack({50, 50}, {50, 50}));
  EXPECT_FALSE(GoesBack({50, 10}, {50, 40}));
}

TEST(Verdict, ACurrentVersionThatEndedNothingCountsAsWithoutFailures) {
  EXPECT_FALSE(GoesBack({20, 1}, {0, 0}));
  EXPECT_TRUE(GoesBack({20, 2}, {0, 0}));
}

TEST(Verdict, LargeNumbersDoNotOverflow) {
  EXPECT_TRUE(GoesBack({50'000'000, 50'000'000}, {500'000'000, 0}));
  EXPECT_FALSE(GoesBack({50'000'000, 0}, {500'000'000, 500'000'000}));
}

TEST(Verdict, ItSaysWhatWasCounted) {
  EXPECT_EQ(*WhyRollBack(kRule, {40, 6}, {380, 2}),
            "6 of 40 tasks (15%) failed on it, 2 of 380 tasks (1%) on the current version: more than 5 points worse");
}

}  // namespace
}  // namespace troupe::rollout
