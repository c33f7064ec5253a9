#include "router/rollout/split.h"

#include <gtest/gtest.h>

#include <set>

namespace troupe::rollout {
namespace {

Rollout WithCanary(int percent, const std::string& canary = "v2") {
  Rollout rollout;
  Fold(rollout, {1, Applied{"v1"}});
  Fold(rollout, {2, CanaryStarted{canary, {.percent = percent}, 0}});
  return rollout;
}

std::set<int> Chosen(const Rollout& rollout, int keys) {
  std::set<int> out;
  for (int i = 0; i < keys; ++i) {
    if (PickVersion(rollout, "request-" + std::to_string(i)) != "v1") out.insert(i);
  }
  return out;
}

TEST(Split, AsManyRunOnTheCanaryAsItSays) {
  constexpr int kKeys = 20'000;
  for (const int percent : {1, 10, 50, 99}) {
    const double share = 100.0 * static_cast<double>(Chosen(WithCanary(percent), kKeys).size()) / kKeys;
    EXPECT_NEAR(share, percent, 1.5);
  }
}

TEST(Split, WithoutACanaryAllRunOnTheCurrentVersion) {
  Rollout rollout;
  Fold(rollout, {1, Applied{"v1"}});
  EXPECT_TRUE(Chosen(rollout, 1'000).empty());
}

TEST(Split, ALargerShareKeepsThoseOfTheSmallerOne) {
  const std::set<int> few = Chosen(WithCanary(10), 1'000);
  const std::set<int> many = Chosen(WithCanary(30), 1'000);
  EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
  EXPECT_EQ(few, Chosen(WithCanary(10), 1'000)) << "the same keys are the same again";
}

TEST(Split, TheNextCanaryIsTriedOutOnOthers) {
  EXPECT_NE(Chosen(WithCanary(10, "v2"), 1'000), Chosen(WithCanary(10, "v3"), 1'000));
}

}  // namespace
}  // namespace troupe::rollout
