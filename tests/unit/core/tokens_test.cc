// A task's token limit: set aside before a step, settled after it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Player MakePlayer(std::vector<graph::Step> steps, int64_t max_tokens) {
  graph::Graph graph = MakeGraph(std::move(steps));
  graph.agents["writer"].max_tokens = max_tokens;
  return Player(std::move(graph));
}

TEST(Tokens, AreSetAsideAndSettled) {
  Player player = MakePlayer({Call("a", "writer")}, 60);
  EXPECT_EQ(Only<StartStep>(player.Accept({}, 100))[0].reserved.tokens, 60);
  EXPECT_EQ(player.state().reserved.tokens, 60);
  player.Done("a", nullptr, 25);
  EXPECT_EQ(player.state().reserved.tokens, 0);
  EXPECT_EQ(player.state().usage.generated_tokens, 25);
}

TEST(Tokens, AreNotSetAsideWithoutALimit) {
  Player player = MakePlayer({Call("a", "writer")}, 60);
  EXPECT_EQ(Only<StartStep>(player.Accept())[0].reserved.tokens, 0);
}

TEST(Tokens, AStepWaitsUntilOthersSettle) {
  Player player = MakePlayer({Call("a", "writer"), Call("b", "writer")}, 60);
  player.Accept({}, 100);
  EXPECT_THAT(player.Running(), ElementsAre("a"));
  player.Done("a", nullptr, 10);
  EXPECT_THAT(player.Running(), ElementsAre("b"));
}

TEST(Tokens, AStepThatWaitsIsFoundAfterRecovery) {
  Player player = MakePlayer({Call("a", "writer"), Call("b", "writer")}, 60);
  player.Accept({}, 100);
  player.Recover();
  player.Done("a", nullptr, 10);
  EXPECT_THAT(player.Running(), ElementsAre("b"));
}

TEST(Tokens, AStepThatNeverFitsFails) {
  Player player = MakePlayer({Call("a", "writer"), Call("b", "writer")}, 60);
  player.Accept({}, 100);
  player.Done("a", nullptr, 50);
  EXPECT_EQ(player.state().error.code, Code::kResourceExhausted);
  EXPECT_THAT(player.state().error.message, HasSubstr("limit of 100 only 50 are left"));
  EXPECT_EQ(player.state().error_path, "b");
}

TEST(Tokens, AFurtherAttemptWaitsToo) {
  graph::Step a = Call("a", "writer");
  a.agent->retry.max = 1;
  Player player = MakePlayer({a, Call("b", "writer")}, 60);
  player.Accept({}, 130);
  player.Fail("a", Code::kUnavailable, 0, 20);  // 20 used, 60 set aside for b, 60 wanted
  EXPECT_THAT(player.Running(), ElementsAre("b"));
  player.Done("b", nullptr, 5);
  EXPECT_THAT(player.Running(), ElementsAre("a"));
  EXPECT_EQ(player.AttemptOf("a"), 2);
}

TEST(Tokens, WaitersInsideRoundsAreServed) {
  graph::Step each = Each("h", "part", "{{ input.parts }}", Body({Call("x", "writer")}));
  each.each->parallel = 3;
  Player player = MakePlayer({each}, 60);
  player.Accept({{"parts", {1, 2, 3}}}, 100);
  EXPECT_THAT(player.Running(), ElementsAre("h[0].x"));
  player.Done("h[0].x", nullptr, 10);
  EXPECT_THAT(player.Running(), ElementsAre("h[1].x"));
  player.Done("h[1].x", nullptr, 10);
  player.Done("h[2].x", nullptr, 10);
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
}

TEST(Tokens, AStoppedStepFreesThem) {
  graph::Step each = Each("h", "part", "{{ input.parts }}", Body({Call("bad", "other"), Call("x", "writer")}));
  each.on_error = graph::OnError::kKeep;
  Player player = MakePlayer({Call("first", "other"), each, Call("late", "writer", {{"f", "{{ steps.first }}"}})}, 60);
  player.Accept({{"parts", {1}}}, 100);
  player.Done("first");
  EXPECT_THAT(player.Running(), ElementsAre("h[0].bad", "h[0].x"));
  player.Fail("h[0].bad", Code::kNotFound);
  EXPECT_THAT(player.Running(), ElementsAre("late"));
  EXPECT_EQ(player.state().reserved.tokens, 60);
  player.Done("late");
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
}

}  // namespace
}  // namespace troupe::core::testing
