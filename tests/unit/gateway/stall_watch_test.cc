#include "router/gateway/stall_watch.h"

#include <gtest/gtest.h>

namespace troupe::gateway {
namespace {

struct Waiter : StallWatch::Call {
  void OnStalled() override { ++stalled; }
  int stalled = 0;
};

class Stalls : public testing::Test {
 protected:
  ManualClock clock_;
  StallWatch watch_{clock_, 1'000, 1, nullptr};
  const std::shared_ptr<Waiter> call_ = std::make_shared<Waiter>();
};

TEST_F(Stalls, OneWhoseClientSendsNothingIsToldOnce) {
  watch_.Wait(call_);
  clock_.Advance(999);
  watch_.Check();
  EXPECT_EQ(call_->stalled, 0);
  clock_.Advance(1);
  watch_.Check();
  watch_.Check();
  EXPECT_EQ(call_->stalled, 1);
}

TEST_F(Stalls, WhatComesBeginsTheTimeAnew) {
  const auto other = std::make_shared<Waiter>();
  watch_.Wait(call_);
  watch_.Wait(other);
  clock_.Advance(600);
  watch_.Wait(call_);
  clock_.Advance(600);
  watch_.Check();
  EXPECT_EQ(call_->stalled, 0);
  EXPECT_EQ(other->stalled, 1);
  // and while its piece is worked on nobody waits for the client
  watch_.Came(call_.get());
  clock_.Advance(5'000);
  watch_.Check();
  EXPECT_EQ(call_->stalled, 0);
}

TEST_F(Stalls, OneThatIsGoneIsForgotten) {
  auto gone = std::make_shared<Waiter>();
  watch_.Wait(gone);
  gone.reset();
  clock_.Advance(2'000);
  watch_.Check();
}

}  // namespace
}  // namespace troupe::gateway
