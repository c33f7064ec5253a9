// Rounds side by side: how many are open, what they see, what the list is in the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Step EachStep(graph::OnError on_error = graph::OnError::kFail) {
  graph::Step step = Each("handle", "part", "{{ input.parts }}",
                          Body({Call("x", "one", {{"text", "{{ part.text }}"}})}, "{{ steps.x }}"));
  step.on_error = on_error;
  return step;
}

Value Parts(int count) {
  Value parts = Value::array();
  for (int i = 0; i < count; ++i) parts.push_back({{"text", std::string("part ") + std::to_string(i)}});
  return {{"parts", parts}};
}

TEST(Each, OpensAsManyRoundsAsMayRunAtOnce) {
  Player player(MakeGraph({EachStep()}));
  player.Accept(Parts(4));
  EXPECT_THAT(player.Running(), ElementsAre("handle[0].x", "handle[1].x"));
  EXPECT_EQ(player.InputOf("handle[1].x"), Value({{"text", "part 1"}}));
  player.Done("handle[1].x", 11);
  EXPECT_THAT(player.Running(), ElementsAre("handle[0].x", "handle[2].x"));
}

TEST(Each, GivesTheListInOrder) {
  Player player(MakeGraph({EachStep()}, "{{ steps.handle }}"));
  player.Accept(Parts(3));
  player.Done("handle[1].x", 11);
  player.Done("handle[2].x", 12);
  EXPECT_EQ(player.state().status, TaskStatus::kRunning);
  const auto decisions = player.Done("handle[0].x", 10);
  EXPECT_EQ(player.state().output, Value({10, 11, 12}));
  const auto completed = Only<CompleteStep>(decisions);
  ASSERT_EQ(completed.size(), 2u);
  EXPECT_EQ(completed[0].path, "handle[0]");
  EXPECT_EQ(completed[1].path, "handle");
}

TEST(Each, OfNothingGivesAnEmptyList) {
  Player player(MakeGraph({EachStep()}, "{{ steps.handle }}"));
  player.Accept(Parts(0));
  EXPECT_EQ(player.state().output, Value::array());
}

TEST(Each, RefusesMoreThanItsMax) {
  Player player(MakeGraph({EachStep(graph::OnError::kKeep)}));
  player.Accept(Parts(9));
  EXPECT_EQ(player.state().error.code, Code::kOutOfRange);
  EXPECT_THAT(player.state().error.message, HasSubstr("9 items, more than its max of 8"));
}

TEST(Each, RefusesWhatIsNoList) {
  Player player(MakeGraph({EachStep()}));
  player.Accept({{"parts", "three"}});
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("must be a list, got string"));
}

TEST(Each, FailsWithItsRoundAndStopsTheOthers) {
  Player player(MakeGraph({EachStep()}));
  player.Accept(Parts(4));
  const auto decisions = player.Fail("handle[0].x", Code::kInvalidArgument);
  const auto stopped = Only<StopStep>(decisions);
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_EQ(stopped[0].path, "handle[1].x");
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error_path, "handle[0].x");
  EXPECT_EQ(player.StatusOf("handle[1]"), StepStatus::kStopped);
  EXPECT_EQ(player.StatusOf("handle"), StepStatus::kFailed);
}

TEST(Each, KeepsAFailedRoundAsNone) {
  Player player(MakeGraph({EachStep(graph::OnError::kKeep)}, "{{ steps.handle }}"));
  player.Accept(Parts(3));
  player.Fail("handle[0].x", Code::kInvalidArgument);
  player.Done("handle[1].x", 11);
  player.Done("handle[2].x", 12);
  EXPECT_EQ(player.state().output, Value({nullptr, 11, 12}));
}

TEST(Each, DropsAFailedRound) {
  Player player(MakeGraph({EachStep(graph::OnError::kDrop)}, "{{ steps.handle }}"));
  player.Accept(Parts(3));
  player.Fail("handle[1].x", Code::kInvalidArgument);
  player.Done("handle[0].x", 10);
  player.Done("handle[2].x", 12);
  EXPECT_EQ(player.state().output, Value({10, 12}));
}

TEST(Each, StopsTheNeighboursOfAStepThatFailsItsRound) {
  graph::Step each =
      Each("handle", "part", "{{ input.parts }}", Body({Call("x", "one"), Call("y", "one")}, "{{ steps.x }}"));
  each.on_error = graph::OnError::kDrop;
  each.each->parallel = 1;
  Player player(MakeGraph({each}));
  player.Accept(Parts(2));
  player.Fail("handle[0].x", Code::kInvalidArgument);
  EXPECT_EQ(player.StatusOf("handle[0].y"), StepStatus::kStopped);
  EXPECT_THAT(player.Running(), ElementsAre("handle[1].x", "handle[1].y"));
}

TEST(Each, ASeesStepsAroundIt) {
  Player player(
      MakeGraph({Call("a", "one"), Each("handle", "part", "{{ input.parts }}",
                                        Body({Call("x", "one", {{"a", "{{ steps.a.n }}"}, {"p", "{{ part }}"}})}))}));
  player.Accept({{"parts", {1}}});
  player.Done("a", {{"n", 5}});
  EXPECT_EQ(player.InputOf("handle[0].x"), Value({{"a", 5}, {"p", 1}}));
}

TEST(Each, OfARoundWithoutStepsEndsAtOnce) {
  Player player(MakeGraph({Each("handle", "part", "{{ input.parts }}", Body({}, "{{ part }}"))}, "{{ steps.handle }}"));
  player.Accept({{"parts", {1, 2, 3}}});
  EXPECT_EQ(player.state().output, Value({1, 2, 3}));
}

TEST(Each, GoesOnAfterRecovery) {
  Player player(MakeGraph({EachStep()}, "{{ steps.handle }}"));
  player.Accept(Parts(4));
  player.Done("handle[0].x", 10);
  player.Recover();
  player.Done("handle[1].x", 11);
  EXPECT_EQ(player.InputOf("handle[3].x"), Value({{"text", "part 3"}}));
  player.Done("handle[2].x", 12);
  player.Done("handle[3].x", 13);
  EXPECT_EQ(player.state().output, Value({10, 11, 12, 13}));
}

}  // namespace
}  // namespace troupe::core::testing
