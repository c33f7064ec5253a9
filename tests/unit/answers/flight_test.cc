// Equal steps at the same time.
#include <gmock/gmock.h>

#include "tests/unit/answers/fake_backend.h"

namespace troupe::answers {
namespace {

using testing::HasSubstr;

class FlightTest : public AnswersTest {
 protected:
  // The first one leads, and has been sent to the agent; `count` more are waiting.
  void Fly(size_t count) {
    leader_ = Start("hello");
    Made(0);
    for (size_t i = 0; i < count; ++i) waiting_.push_back(Start("hello"));
    ASSERT_TRUE(Eventually("all wait", [&] { return answers_.waiting() == count; }));
  }
  std::shared_ptr<Ear> leader_;
  std::vector<std::shared_ptr<Ear>> waiting_;
};

TEST_F(FlightTest, AHundredEqualOnesMakeOneCall) {
  // given
  Fly(99);
  // when
  Made(0).Say("hi ");
  Made(0).Say("there");
  EXPECT_EQ(leader_->said(), "hi there");
  Made(0).Done(Value{{"text", "hi there"}});
  // then
  EXPECT_EQ(leader_->End().usage.generated_tokens, 3);
  for (const auto& ear : waiting_) {
    EXPECT_EQ(*ear->End().output, (Value{{"text", "hi there"}}));
    EXPECT_EQ(ear->End().usage, core::Usage());
    EXPECT_EQ(ear->said(), "hi there");
    EXPECT_THAT(ear->End().site.reason, HasSubstr("the same was being asked already"));
  }
  EXPECT_EQ(made(), 1u);
  EXPECT_EQ(tally().waited, 99);
  EXPECT_EQ(answers_.flights(), 0u);
}

TEST_F(FlightTest, WhereTheLeaderFailsTheNextOneRunsItsOwn) {
  Fly(2);
  Made(0).Say("oh");
  Made(0).Fail(Code::kDeadlineExceeded);
  EXPECT_EQ(leader_->End().output.error().code, Code::kDeadlineExceeded);
  Made(1).Say("hi");
  Made(1).Done("hi");
  EXPECT_EQ(*waiting_[0]->End().output, "hi");
  EXPECT_EQ(waiting_[0]->said(), "hi") << "nothing of the run that failed";
  EXPECT_EQ(*waiting_[1]->End().output, "hi");
  EXPECT_EQ(made(), 2u);
  EXPECT_EQ(leader_->ends(), 1u);
}

TEST_F(FlightTest, WhereTheLeaderIsCancelledTheRunGoesOnForTheNext) {
  Fly(2);
  Made(0).Say("hi ");
  calls_[0]->Cancel();
  EXPECT_FALSE(Made(0).cancelled);
  Made(0).Say("there");
  EXPECT_EQ(waiting_[0]->said(), "hi there") << "all that was said before it led";
  Made(0).Done("hi there");
  EXPECT_EQ(waiting_[0]->End().usage.generated_tokens, 3) << "its task pays";
  EXPECT_EQ(waiting_[1]->End().usage.generated_tokens, 0);
  EXPECT_EQ(leader_->ends(), 0u);
  EXPECT_EQ(made(), 1u);
}

TEST_F(FlightTest, WhoWaitsMayBeCancelledAndNobodyElseNotices) {
  Fly(2);
  calls_[1]->Cancel();
  Made(0).Done("hi");
  EXPECT_TRUE(leader_->End().output);
  EXPECT_EQ(*waiting_[1]->End().output, "hi");
  EXPECT_EQ(waiting_[0]->ends(), 0u);
}

TEST_F(FlightTest, WhereAllAreCancelledTheRunIs) {
  Fly(1);
  calls_[1]->Cancel();
  EXPECT_FALSE(Made(0).cancelled);
  calls_[0]->Cancel();
  EXPECT_TRUE(Made(0).cancelled);
  EXPECT_EQ(answers_.flights(), 0u);
  // and what comes of it all the same is told to neither, but is as good an answer as any to who asks next
  Made(0).Done("hi");
  EXPECT_EQ(*Start("hello")->End().output, "hi");
  EXPECT_EQ(leader_->ends() + waiting_[0]->ends(), 0u);
}

TEST_F(FlightTest, NobodyWaitsLongerThanItsOwnStepMayTake) {
  Fly(0);
  timeout_ms_ = 1;
  const auto impatient = Start("hello");
  EXPECT_EQ(impatient->End().output.error().code, Code::kDeadlineExceeded);
  Made(0).Done("hi");
  EXPECT_TRUE(leader_->End().output);
  EXPECT_EQ(impatient->ends(), 1u);
}

TEST_F(FlightTest, TheLeadersOwnCallSaysThatItsTimeIsUp) {
  timeout_ms_ = 1;
  const auto ear = Start("hello");
  Made(0);
  // given that its time has passed for one who waits with it
  EXPECT_EQ(Start("hello")->End().output.error().code, Code::kDeadlineExceeded);
  // then it has what its call says of it
  Made(0).Done("hi");
  EXPECT_EQ(ear->End().usage.generated_tokens, 3);
}

TEST_F(FlightTest, OfARunThatEndsWhenTheRouterStopsNobodyHears) {
  Fly(1);
  answers_.Stop();
  EXPECT_TRUE(Made(0).cancelled);
  Made(0).Done("hi");
  EXPECT_EQ(leader_->ends() + waiting_[0]->ends(), 0u);
}

}  // namespace
}  // namespace troupe::answers
