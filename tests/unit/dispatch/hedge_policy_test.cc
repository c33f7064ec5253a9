#include "router/dispatch/hedge_policy.h"

#include <gtest/gtest.h>

namespace troupe::dispatch {
namespace {

constexpr int64_t kMs = 1000;

TEST(HedgePolicy, SaysNothingBeforeItHasSeenEnough) {
  HedgePolicy policy;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(policy.OnStart(5), std::nullopt);
    policy.OnHeard(10 * kMs);
  }
  EXPECT_EQ(policy.OnStart(5), 11);
}

TEST(HedgePolicy, IsSlowWhatIsSlowerThan95In100) {
  HedgePolicy policy;
  // given times of 1 to 100 ms, out of order
  for (int i = 0; i < 100; ++i) policy.OnHeard((1 + (i * 37) % 100) * kMs);
  EXPECT_EQ(policy.OnStart(5), 96);
}

TEST(HedgePolicy, ForgetsWhatWasLongAgo) {
  HedgePolicy policy;
  for (int i = 0; i < 500; ++i) policy.OnHeard(900 * kMs);
  for (int i = 0; i < 128; ++i) policy.OnHeard(2 * kMs);
  EXPECT_EQ(policy.OnStart(5), 3);
}

TEST(HedgePolicy, NeverGivesMoreThanItsShare) {
  HedgePolicy policy;
  int taken = 0;
  for (int steps = 1; steps <= 1000; ++steps) {
    policy.OnStart(5);
    // when every step is slow
    if (policy.Take()) ++taken;
    EXPECT_LE(taken * 100, steps * 5);
  }
  EXPECT_EQ(taken, 50);
}

TEST(HedgePolicy, SavesUpForAFewAndNoMore) {
  HedgePolicy policy;
  for (int i = 0; i < 1000; ++i) policy.OnStart(5);
  int taken = 0;
  while (policy.Take()) ++taken;
  EXPECT_EQ(taken, 5);
  policy.GiveBack();
  EXPECT_TRUE(policy.Take());
  EXPECT_FALSE(policy.Take());
}

}  // namespace
}  // namespace troupe::dispatch
