// What is tried again, when, and with whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Step Stubborn(int max, std::string fallback = "") {
  graph::Step step = Call("a", "one", {{"x", 1}});
  step.agent->retry = {.max = max, .backoff_ms = 100, .max_backoff_ms = 250};
  step.agent->fallback = std::move(fallback);
  return step;
}

StartStep OnlyStart(const std::vector<Decision>& decisions) {
  const auto starts = Only<StartStep>(decisions);
  EXPECT_EQ(starts.size(), 1u);
  return starts.empty() ? StartStep() : starts[0];
}

TEST(Retry, WaitsLongerEachTimeUpToALimit) {
  Player player(MakeGraph({Stubborn(3)}));
  player.Accept();
  for (const int64_t pause_ms : {100, 200, 250}) {
    const StartStep start = OnlyStart(player.Fail("a", Code::kUnavailable));
    EXPECT_EQ(start.not_before_ms, player.now_ms() + pause_ms);
    EXPECT_EQ(start.input, Value({{"x", 1}}));
    player.Advance(1000);
  }
  player.Fail("a", Code::kUnavailable);
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error.code, Code::kUnavailable);
  EXPECT_THAT(player.state().error.message, HasSubstr("attempt 4, the last"));
}

TEST(Retry, WaitsAsLongAsItIsTold) {
  Player player(MakeGraph({Stubborn(1)}));
  player.Accept();
  EXPECT_EQ(OnlyStart(player.Fail("a", Code::kResourceExhausted, 5000)).not_before_ms, player.now_ms() + 5000);
}

TEST(Retry, TriesAgainOnlyWhatMayPass) {
  for (const Code code : {Code::kUnavailable, Code::kResourceExhausted, Code::kAborted, Code::kDeadlineExceeded,
                          Code::kInternal, Code::kUnknown}) {
    Player player(MakeGraph({Stubborn(1)}));
    player.Accept();
    EXPECT_EQ(OnlyStart(player.Fail("a", code)).attempt, 2) << CodeName(code);
  }
  for (const Code code : {Code::kInvalidArgument, Code::kNotFound, Code::kFailedPrecondition, Code::kUnimplemented}) {
    Player player(MakeGraph({Stubborn(1)}));
    player.Accept();
    player.Fail("a", code);
    EXPECT_EQ(player.state().status, TaskStatus::kFailed) << CodeName(code);
  }
}

TEST(Retry, TriesAgainWithEffectsOnlyWhatDidNotRun) {
  const kind::Kind with_effects{.name = "mail", .effects = true};
  for (const auto& [code, expected] :
       std::vector<std::pair<Code, TaskStatus>>{{Code::kResourceExhausted, TaskStatus::kRunning},
                                                {Code::kInternal, TaskStatus::kFailed},
                                                {Code::kDeadlineExceeded, TaskStatus::kFailed},
                                                {Code::kUnavailable, TaskStatus::kFailed}}) {
    graph::Graph graph = MakeGraph({Stubborn(1, "two")});
    graph.agents["one"].kind = &with_effects;
    Player player(std::move(graph));
    player.Accept();
    player.Fail("a", code);
    EXPECT_EQ(player.state().status, expected) << CodeName(code);
  }
}

TEST(Retry, TurnsToTheFallbackOnceAtLast) {
  Player player(MakeGraph({Stubborn(1, "two")}));
  player.Accept();
  EXPECT_EQ(OnlyStart(player.Fail("a", Code::kUnavailable)).agent, "one");
  const StartStep third = OnlyStart(player.Fail("a", Code::kUnavailable));
  EXPECT_EQ(third.agent, "two");
  EXPECT_EQ(third.attempt, 3);
  EXPECT_EQ(third.not_before_ms, 0);
  player.Fail("a", Code::kUnavailable);
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
}

TEST(Retry, TurnsToTheFallbackAtOnceWhereTryingAgainIsUseless) {
  Player player(MakeGraph({Stubborn(5, "two")}));
  player.Accept();
  EXPECT_EQ(OnlyStart(player.Fail("a", Code::kInvalidArgument)).agent, "two");
  player.Done("a", "saved");
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
}

TEST(Retry, AnAgentThatSaysCancelledDoesNotCancelTheTask) {
  Player player(MakeGraph({Stubborn(0)}));
  player.Accept();
  player.Fail("a", Code::kCancelled);
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error.code, Code::kAborted);
}

TEST(Retry, AStepThatIsKeptGivesNone) {
  graph::Step step = Stubborn(0);
  step.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({step, Call("b", "one", {{"a", "{{ steps.a }}"}})}));
  player.Accept();
  const auto failed = Only<FailStep>(player.Fail("a", Code::kNotFound));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_TRUE(failed[0].tolerated);
  EXPECT_EQ(player.InputOf("b"), Value({{"a", nullptr}}));
}

TEST(Retry, APauseIsNeverLongerThanWasDecidedWhateverTheClockShows) {
  // given a pause of 300 ms, decided at 1,000
  const Attempt attempt{.decided_ms = 1000, .not_before_ms = 1300};
  EXPECT_EQ(PauseLeftMs(attempt, 1000), 300);
  EXPECT_EQ(PauseLeftMs(attempt, 1200), 100);
  EXPECT_EQ(PauseLeftMs(attempt, 9000), 0);
  // when the clock is set back by a day while the router is down
  EXPECT_EQ(PauseLeftMs(attempt, 1000 - 86'400'000), 300);
  // and where there was none
  EXPECT_EQ(PauseLeftMs({.decided_ms = 1000}, 500), 0);
}

TEST(Retry, AFailedStepStopsTheOthers) {
  Player player(MakeGraph({Stubborn(0), Call("b", "one")}));
  player.Accept();
  const auto decisions = player.Fail("a", Code::kNotFound);
  ASSERT_EQ(Only<StopStep>(decisions).size(), 1u);
  EXPECT_EQ(Only<StopStep>(decisions)[0].path, "b");
  EXPECT_TRUE(std::holds_alternative<FailTask>(decisions.back()));
  EXPECT_EQ(player.StatusOf("b"), StepStatus::kStopped);
  EXPECT_THAT(player.Running(), IsEmpty());
}

}  // namespace
}  // namespace troupe::core::testing
