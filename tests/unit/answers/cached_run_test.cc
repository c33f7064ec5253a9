// One step after the other: what is kept, for whom and for how long.
#include <gmock/gmock.h>

#include "tests/unit/answers/fake_backend.h"

namespace troupe::answers {
namespace {

using testing::HasSubstr;

TEST_F(AnswersTest, AnAnswerIsMadeOnceAndGivenAgainAtNoCost) {
  // given
  const auto first = Start("hello");
  Made(0).Say("hi");
  Made(0).Done(Value{{"text", "hi there"}});
  EXPECT_EQ(first->End().site.replica, "writer-0");
  EXPECT_EQ(first->End().usage.generated_tokens, 3);
  clock_.Advance(180'000);
  // when
  const auto second = Start("hello");
  // then
  const dispatch::StepOutcome end = second->End();
  ASSERT_TRUE(end.output);
  EXPECT_EQ(*end.output, (Value{{"text", "hi there"}}));
  EXPECT_EQ(end.usage, core::Usage());
  EXPECT_EQ(end.site.agent, "writer");
  EXPECT_EQ(end.site.replica, "cache");
  EXPECT_EQ(end.site.model_digest, "m1");
  EXPECT_EQ(end.site.reason, "kept answer, made 3 min ago; saved 3 tokens, 2.0 s of device time, 1.5 of money");
  EXPECT_EQ(second->said(), "hi there") << "the whole text for who listens";
  EXPECT_EQ(made(), 1u);
  EXPECT_EQ(tally().exact, 1);
  EXPECT_EQ(tally().misses, 1);
  EXPECT_EQ(tally().saved_tokens, 3);
  EXPECT_EQ(tally().saved_money_micros, 1'500'000);
}

TEST_F(AnswersTest, AnotherInputAnotherModelOrLessToWriteIsAnotherQuestion) {
  Start("hello");
  Made(0).Done("one");
  Start("hello!");
  Made(1).Done("two");
  model_ = std::string("m2");
  Start("hello");
  Made(2).Done("three");
  model_ = std::string("m1");
  budget_ = 99;
  Start("hello");
  Made(3).Done("four");
  EXPECT_EQ(tally().hits(), 0);
}

TEST_F(AnswersTest, WhatOneUserWasToldIsGivenToNobodyElse) {
  // given
  UseCache("{user: \"{{ input.who }}\"}");
  Start("balance", "\"ann\"");
  Made(0).Done("10 pounds");
  // when
  const auto other = Start("balance", "\"bob\"");
  // then
  Made(1).Done("20 pounds");
  EXPECT_EQ(*other->End().output, "20 pounds");
  EXPECT_EQ(*Start("balance", "\"ann\"")->End().output, "10 pounds");
  EXPECT_EQ(*Start("balance", "\"bob\"")->End().output, "20 pounds");
  // and where nobody says whose it is, nothing is kept
  for (size_t i = 2; i < 4; ++i) {
    const auto nobody = Start("balance");
    Made(i).Done("0 pounds");
    EXPECT_EQ(nobody->End().site.replica, "writer-0");
  }
}

TEST_F(AnswersTest, NothingIsKeptWhileReplicasHaveDifferentModels) {
  model_ = FailedPrecondition("different models");
  for (size_t i = 0; i < 2; ++i) {
    Start("hello");
    Made(i).Done("x");
  }
  EXPECT_EQ(tally().hits() + tally().misses, 0);
}

TEST_F(AnswersTest, AStepWaitsAMomentForItsAgentToSayWhichModelItHas) {
  // given a router that has just started
  model_ = Unavailable("nobody has said");
  const auto first = Start("hello"), cancelled = Start("bye");
  calls_[1]->Cancel();
  // when
  {
    const std::lock_guard lock(mutex_);
    model_ = std::string("m1");
  }
  // then
  Made(0).Done("x");
  EXPECT_TRUE(first->End().output);
  EXPECT_EQ(Start("hello")->End().site.replica, "cache");
  EXPECT_EQ(cancelled->ends(), 0u);
}

TEST_F(AnswersTest, AFreshAnswerIsAtHandAndNothingElseIs) {
  // given
  dispatch::StepOrder order{.graph = "g", .agent = "writer", .path = "a"};
  order.input_json = R"({"text":"hello"})";
  order.token_budget = budget_;
  const StepJob job{.graph = graph_, .rule = &*graph_->root.steps[0].agent->cache, .step = "a"};
  EXPECT_FALSE(answers_.AtHand(order, job));
  Start("hello");
  Made(0).Done("x");
  // when
  const auto kept = answers_.AtHand(order, job);
  // then
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept->output, "x");
  EXPECT_EQ(kept->site.replica, "cache");
  EXPECT_EQ(kept->usage, core::Usage());
  EXPECT_EQ(tally().exact, 1);
  // and what is stale wants more than to be given
  clock_.Advance(61 * 60'000);
  EXPECT_FALSE(answers_.AtHand(order, job));
}

TEST_F(AnswersTest, AFailureIsNotKept) {
  const auto first = Start("hello");
  Made(0).Fail();
  EXPECT_FALSE(first->End().output);
  const auto second = Start("hello");
  Made(1).Done("x");
  EXPECT_TRUE(second->End().output);
}

TEST_F(AnswersTest, AnAnswerThatIsNoLongerFreshIsGivenWhileANewOneIsMade) {
  // given
  Start("hello");
  Made(0).Done("old");
  clock_.Advance(90 * 60'000);
  // when two come
  const auto second = Start("hello");
  EXPECT_EQ(*second->End().output, "old");
  EXPECT_THAT(second->End().site.reason, HasSubstr("no longer fresh"));
  EXPECT_EQ(*Start("hello")->End().output, "old");
  // then one new answer is made, when nobody else has work to do
  EXPECT_EQ(Made(1).order.priority, 0);
  EXPECT_TRUE(Made(1).order.task == "cache");
  Made(1).Done("new");
  EXPECT_EQ(*Start("hello")->End().output, "new");
  EXPECT_EQ(made(), 2u);
  EXPECT_EQ(tally().stale, 2);
}

TEST_F(AnswersTest, AnAnswerThatIsTooOldIsMadeAnew) {
  Start("hello");
  Made(0).Done("old");
  clock_.Advance(121 * 60'000);
  const auto second = Start("hello");
  Made(1).Done("new");
  EXPECT_EQ(*second->End().output, "new");
}

TEST_F(AnswersTest, WhatIsPurgedIsGivenNoMore) {
  Start("hello");
  Made(0).Done("old");
  answers_.Purge("g", "a", [](const Status& done) { EXPECT_TRUE(done); });
  Start("hello");
  Made(1).Done("new");
  EXPECT_EQ(*Start("hello")->End().output, "new");
  answers_.Purge("g", "", [](const Status& done) { EXPECT_TRUE(done); });
  Start("hello");
  Made(2).Done("newest");
  answers_.Purge("other", "", [](const Status& done) { EXPECT_TRUE(done); });
  answers_.Purge("g", "b", [](const Status& done) { EXPECT_TRUE(done); });
  EXPECT_EQ(*Start("hello")->End().output, "newest");
}

}  // namespace
}  // namespace troupe::answers
