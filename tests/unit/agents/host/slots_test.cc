#include "agents/host/slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::host {
namespace {
class SlotsTest : public testing::Test {
 protected:
  Status Enter(int number) {
    return slots_.Enter(&keys_[number], [this, number] { started_.push_back(number); });
  }
  ManualClock clock_;
  Slots slots_{"writer", 1, 2, clock_};
  int keys_[8] = {};
  std::vector<int> started_;
};

TEST_F(SlotsTest, StartsAtOnceThenInOrderAsSlotsComeFree) {
  // given
  ASSERT_TRUE(Enter(0));
  ASSERT_TRUE(Enter(1));
  ASSERT_TRUE(Enter(2));
  EXPECT_EQ(started_, std::vector<int>({0}));
  EXPECT_EQ(slots_.load(), (Slots::Load{1, 2}));
  // when
  slots_.Leave(clock_.MonotonicNs());
  slots_.Leave(clock_.MonotonicNs());
  // then
  EXPECT_EQ(started_, std::vector<int>({0, 1, 2}));
  EXPECT_EQ(slots_.load(), (Slots::Load{1, 0}));
}

TEST_F(SlotsTest, AFullQueueRefusesWithTheTimeAStepTakes) {
  // given: steps take about four seconds
  for (int i = 0; i < 100; ++i) {
    const int64_t began = clock_.MonotonicNs();
    ASSERT_TRUE(Enter(0));
    clock_.Advance(4'000);
    slots_.Leave(began);
  }
  ASSERT_TRUE(Enter(0));
  ASSERT_TRUE(Enter(1));
  ASSERT_TRUE(Enter(2));
  // when
  auto refused = Enter(3);
  // then
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_NEAR(static_cast<double>(refused.error().retry_after_ms), 4'000, 100);
}

TEST_F(SlotsTest, OneThatWaitsCanBeTakenOut) {
  // given
  ASSERT_TRUE(Enter(0));
  ASSERT_TRUE(Enter(1));
  ASSERT_TRUE(Enter(2));
  // when
  EXPECT_TRUE(slots_.Remove(&keys_[1]));
  EXPECT_FALSE(slots_.Remove(&keys_[0]));  // at work already
  slots_.Leave(clock_.MonotonicNs());
  // then
  EXPECT_EQ(started_, std::vector<int>({0, 2}));
}
}  // namespace
}  // namespace troupe::host
