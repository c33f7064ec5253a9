// Ends that come from outside: a client's cancel, the deadline; and what comes too late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Player MakePlayer() {
  return Player(MakeGraph({Call("a", "one"), Each("h", "part", "{{ input.parts }}", Body({Call("x", "one")}))}));
}

TEST(Ending, CancelStopsAllThatIsUnderWay) {
  Player player = MakePlayer();
  player.Accept({{"parts", {1, 2}}});
  const auto decisions = player.Take(CancelRequested{"no longer needed"});
  EXPECT_EQ(Only<StopStep>(decisions).size(), 3u);
  EXPECT_EQ(player.state().status, TaskStatus::kCancelled);
  EXPECT_EQ(player.state().error.code, Code::kCancelled);
  EXPECT_THAT(player.state().error.message, HasSubstr("no longer needed"));
  EXPECT_EQ(player.StatusOf("h[0].x"), StepStatus::kStopped);
  EXPECT_EQ(player.StatusOf("h[0]"), StepStatus::kStopped);
  EXPECT_EQ(player.StatusOf("h"), StepStatus::kStopped);
  EXPECT_THAT(player.Running(), IsEmpty());
}

TEST(Ending, DeadlineFailsTheTask) {
  Player player = MakePlayer();
  player.Accept({{"parts", Value::array()}});
  player.Take(DeadlinePassed{});
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error.code, Code::kDeadlineExceeded);
}

TEST(Ending, NothingIsWrittenForWhatComesTooLate) {
  Player player = MakePlayer();
  player.Accept({{"parts", Value::array()}});
  player.Done("a", 1);
  const size_t written = player.records().size();
  for (const Event& event : std::vector<Event>{StepDone{.path = "a"}, StepFailed{.path = "a"}, CancelRequested{},
                                               DeadlinePassed{}, Accepted{}, StepDone{.path = "nobody"}}) {
    player.Take(event);
    EXPECT_TRUE(player.last_was_stale());
  }
  EXPECT_EQ(player.records().size(), written);
}

TEST(Ending, AnotherAttemptsAnswerIsStale) {
  graph::Step step = Call("a", "one");
  step.agent->retry.max = 1;
  Player player(MakeGraph({step}));
  player.Accept();
  player.Fail("a", Code::kUnavailable);
  player.Take(StepDone{.path = "a", .attempt = 1, .output = "late"});
  EXPECT_TRUE(player.last_was_stale());
  player.Take(StepDone{.path = "a", .attempt = 2, .output = "right"});
  EXPECT_EQ(player.Step("a").output, "right");
}

TEST(Ending, ATaskIsNotAcceptedTwiceNorBegunOtherwise) {
  Player player = MakePlayer();
  player.Take(CancelRequested{});
  EXPECT_TRUE(player.last_was_stale());
  player.Accept({{"parts", {1}}});
  player.Accept({{"parts", {1}}});
  EXPECT_TRUE(player.last_was_stale());
}

TEST(Ending, AnOutputThatCannotBeRenderedFailsTheTask) {
  Player player(MakeGraph({Call("a", "one")}, "{{ steps.a.text }}"));
  player.Accept();
  player.Done("a", {{"words", 1}});
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("the task's output"));
  EXPECT_EQ(player.state().error_path, "");
}

TEST(Ending, AnotherVersionOfTheGraphFailsTheTaskInsteadOfGuessing) {
  const graph::Graph before = MakeGraph({Call("old", "one")});
  const graph::Graph after = MakeGraph({Call("fresh", "one")});
  TaskState state;
  ASSERT_TRUE(Decide(before, state, Accepted{}, 1));
  ASSERT_TRUE(Decide(after, state, StepDone{.path = "old"}, 2));
  EXPECT_EQ(state.status, TaskStatus::kFailed);
  EXPECT_THAT(state.error.message, HasSubstr("no such step"));
}

}  // namespace
}  // namespace troupe::core::testing
