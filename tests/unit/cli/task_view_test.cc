#include "router/cli/task_view.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/records.h"

namespace troupe::cli {
namespace {

TEST(TaskView, BuildsTheTreeFromPaths) {
  // given
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  // when a round deep inside starts a step
  v1::Record& record = script.At(10);
  Open(record, "handle", 0, 2, R"({"skill":"billing","text":"Where is it?"})");
  Start(record, "handle[0].answer[1].draft", "writer");
  view.Fold(record);
  // then every level above it is there, once
  EXPECT_EQ(view.roots(), std::vector<std::string>{"handle"});
  EXPECT_EQ(view.Find("handle")->rounds, 2);
  EXPECT_EQ(view.Find("handle")->children, std::vector<std::string>{"handle[0]"});
  EXPECT_EQ(view.Find("handle[0]")->label, "billing: Where is it?");
  EXPECT_EQ(view.Find("handle[0]")->name, "[0]");
  EXPECT_EQ(view.Find("handle[0].answer[1].draft")->name, "draft");
  EXPECT_EQ(view.Find("handle[0].answer[1].draft")->depth, 4);
}

TEST(TaskView, ARecordSeenBeforeChangesNothing) {
  // given
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  v1::Record& record = script.At(10);
  Progress(record, "reply", "Dear ", 1);
  // when a resumed stream repeats it
  EXPECT_EQ(view.Fold(record), Folded::kNew);
  EXPECT_EQ(view.Fold(record), Folded::kSeen);
  // then its text is there once
  EXPECT_EQ(view.Find("reply")->text, "Dear ");
}

TEST(TaskView, AnotherAttemptBeginsItsTextAnew) {
  // given a step that streamed and then failed
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  v1::Record& first = script.At(10);
  Progress(first, "reply", "Dear ", 3);
  view.Fold(first);
  v1::Record& failed = script.At(20);
  Failed(failed, "reply", "agent went away");
  Start(failed, "reply", "writer", 2);
  view.Fold(failed);
  // when / then
  const StepView& step = *view.Find("reply");
  EXPECT_EQ(step.text, "");
  EXPECT_EQ(step.state, v1::STEP_STATE_RUNNING);
  ASSERT_EQ(step.attempts.size(), 2u);
  EXPECT_TRUE(step.attempts[0].failed);
  EXPECT_EQ(step.attempts[1].attempt, 2);
}

TEST(TaskView, CountsTokensOfEndedAndRunningAttempts) {
  // given one finished step of 20 tokens and one under way with 7
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  v1::Record& started = script.At(1);
  Start(started, "a", "writer");
  Start(started, "b", "writer");
  view.Fold(started);
  v1::Record& done = script.At(2);
  Done(done, "a", "writer-0", 20);
  view.Fold(done);
  v1::Record& progress = script.At(3);
  Progress(progress, "b", "x", 7);
  view.Fold(progress);
  // then
  EXPECT_EQ(view.generated_tokens(), 27);
  EXPECT_EQ(view.Find("a")->state, v1::STEP_STATE_DONE);
  EXPECT_EQ(view.Find("b")->state, v1::STEP_STATE_RUNNING);
}

TEST(TaskView, TheTasksEndStopsWhatStillRuns) {
  // given
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  v1::Record& started = script.At(1);
  Start(started, "a", "writer");
  view.Fold(started);
  // when
  v1::Record& ended = script.At(9);
  ended.mutable_event()->mutable_cancel_requested()->set_reason("enough");
  auto* fail = ended.add_decisions()->mutable_fail_task();
  fail->set_code(1);
  fail->set_message("cancelled: enough");
  view.Fold(ended);
  // then
  EXPECT_EQ(view.state(), v1::TASK_STATE_CANCELLED);
  EXPECT_EQ(view.Find("a")->state, v1::STEP_STATE_STOPPED);
  EXPECT_EQ(view.ended_ms(), kStartMs + 9);
}

TEST(TaskView, AStepThatAsksWaitsUntilAPersonDecides) {
  // given
  Script script;
  TaskView view;
  view.Fold(script.Accepted());
  v1::Record& asked = script.At(10);
  Ask(asked, "ok", "send it?");
  view.Fold(asked);
  EXPECT_EQ(view.Find("ok")->state, v1::STEP_STATE_WAITS_FOR_PERSON);
  EXPECT_EQ(view.Find("ok")->ask, "send it?");
  // when
  v1::Record& decided = script.At(500);
  Decided(decided, "ok", false, "bob", "too dear");
  Complete(decided, "ok");
  view.Fold(decided);
  // then
  EXPECT_EQ(view.Find("ok")->state, v1::STEP_STATE_DONE);
  EXPECT_EQ(view.Find("ok")->verdict, "rejected by bob: too dear");
}

TEST(Describe, OneLineForAPerson) {
  EXPECT_EQ(Describe("plain"), "plain");
  EXPECT_EQ(Describe(Value{{"text", "hello"}, {"score", 0.5}}), "hello");
  EXPECT_EQ(Describe(Value{{"n", 3}}), "{\"n\":3}");
  EXPECT_EQ(Describe(nullptr), "");
}

}  // namespace
}  // namespace troupe::cli
