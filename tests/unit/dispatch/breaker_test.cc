#include "router/dispatch/breaker.h"

#include <gtest/gtest.h>

namespace troupe::dispatch {
namespace {

// Time moves only where a test says so.
class BreakerTest : public testing::Test {
 protected:
  bool Send() {
    if (!breaker_.Admits(now_ms_)) return false;
    breaker_.OnSent(now_ms_);
    return true;
  }
  bool End(Verdict verdict) { return breaker_.OnEnd(verdict, now_ms_); }
  void FailInARow(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(Send());
      End(Verdict::kFails);
    }
  }
  Circuit circuit() const { return breaker_.At(now_ms_); }

  int64_t now_ms_ = 1'000'000;
  Breaker breaker_{{.max_failures = 3, .first_pause_ms = 100, .max_pause_ms = 350}};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  FailInARow(2);
  EXPECT_EQ(circuit(), Circuit::kClosed);
  FailInARow(1);
  EXPECT_EQ(circuit(), Circuit::kOpen);
  EXPECT_FALSE(Send());
  now_ms_ += 99;
  EXPECT_FALSE(Send());
}

TEST_F(BreakerTest, OneThatWorksStartsTheCountAnew) {
  for (int i = 0; i < 5; ++i) {
    FailInARow(2);
    EXPECT_FALSE(End(Verdict::kWorks));
  }
  EXPECT_EQ(circuit(), Circuit::kClosed);
  FailInARow(1);
  End(Verdict::kNeither);
  FailInARow(2);
  EXPECT_EQ(circuit(), Circuit::kOpen) << "one that says nothing does not";
}

TEST_F(BreakerTest, LetsOneStepTryItAfterThePause) {
  FailInARow(3);
  now_ms_ += 100;
  EXPECT_EQ(circuit(), Circuit::kHalfOpen);
  EXPECT_TRUE(Send());
  EXPECT_FALSE(Send()) << "one at a time";
  EXPECT_TRUE(End(Verdict::kWorks));
  EXPECT_EQ(circuit(), Circuit::kClosed);
  EXPECT_TRUE(Send());
  EXPECT_TRUE(Send());
}

TEST_F(BreakerTest, OneFailureOpensItAgainForLonger) {
  FailInARow(3);
  for (const int64_t pause_ms : {100, 200, 350, 350}) {
    now_ms_ += pause_ms - 1;
    EXPECT_FALSE(Send()) << pause_ms;
    now_ms_ += 1;
    ASSERT_TRUE(Send()) << pause_ms;
    EXPECT_TRUE(End(Verdict::kFails));
  }
  // and once it has worked, the first pause is short again
  now_ms_ += 350;
  ASSERT_TRUE(Send());
  End(Verdict::kWorks);
  FailInARow(3);
  now_ms_ += 100;
  EXPECT_TRUE(Send());
}

TEST_F(BreakerTest, ATrialThatNobodyWaitsForAnyMoreLeavesRoomForAnother) {
  FailInARow(3);
  now_ms_ += 100;
  ASSERT_TRUE(Send());
  EXPECT_FALSE(End(Verdict::kNeither));
  EXPECT_EQ(circuit(), Circuit::kHalfOpen);
  EXPECT_TRUE(Send());
}

TEST_F(BreakerTest, StepsThatWereThereBeforeItOpenedChangeNothing) {
  ASSERT_TRUE(Send());
  ASSERT_TRUE(Send());
  FailInARow(3);
  EXPECT_FALSE(End(Verdict::kFails));
  EXPECT_FALSE(End(Verdict::kWorks));
  now_ms_ += 100;
  EXPECT_TRUE(Send()) << "neither longer nor shorter";
}

TEST(Verdict, WhatTheStepIsToBlameForIsNotTheReplicas) {
  for (const Code code : {Code::kOk, Code::kInvalidArgument, Code::kFailedPrecondition, Code::kOutOfRange,
                          Code::kNotFound, Code::kPermissionDenied}) {
    EXPECT_EQ(VerdictOf(code), Verdict::kWorks) << CodeName(code);
  }
  for (const Code code : {Code::kUnavailable, Code::kInternal, Code::kUnknown, Code::kDeadlineExceeded}) {
    EXPECT_EQ(VerdictOf(code), Verdict::kFails) << CodeName(code);
  }
  for (const Code code : {Code::kCancelled, Code::kResourceExhausted, Code::kAborted}) {
    EXPECT_EQ(VerdictOf(code), Verdict::kNeither) << CodeName(code);
  }
}

}  // namespace
}  // namespace troupe::dispatch
