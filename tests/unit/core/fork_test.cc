// A task copied up to where a step started goes on from there as the original did.
#include "router/core/fork.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Graph ThreeSteps() {
  graph::Step skipped = Call("never", "one");
  skipped.when = Expression("{{ input.more }}");
  return MakeGraph({Call("a", "one"), Each("h", "part", "{{ steps.a }}", Body({Call("x", "one")}, "{{ steps.x }}")),
                    std::move(skipped), Call("b", "one", {{"list", "{{ steps.h }}"}})},
                   "{{ steps.b }}");
}

// Played to its end; a step each 100 ms.
Player Original() {
  Player player(ThreeSteps());
  player.Take(Accepted{.graph = "g",
                       .input = {{"more", false}},
                       .request_id = "mine",
                       .deadline_ms = player.now_ms() + 5'000,
                       .labels = {{"customer", "42"}}});
  player.Advance(100);
  player.Done("a", {1, 2}, 7);
  for (const char* path : {"h[0].x", "h[1].x", "b"}) {
    player.Advance(100);
    player.Done(path, path);
  }
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  return player;
}

// The state of the copy just before the event is decided on.
TaskState Folded(const Fork& fork) {
  TaskState state;
  for (const Record& record : fork.before) EXPECT_TRUE(Fold(state, record));
  return state;
}

std::vector<std::string> Running(const TaskState& state) {
  std::vector<std::string> paths;
  for (const Pending& pending : PendingWork(state)) paths.push_back(pending.path);
  return paths;
}

TEST(Fork, GoesOnWhereTheStepStarted) {
  // given
  const Player original = Original();
  // when
  const auto fork = ForkBefore(original.records(), "b", 9'000'000, "copy");
  // then: what came before is there, the step and all after it is not
  ASSERT_TRUE(fork) << ToString(fork.error());
  TaskState state = Folded(*fork);
  EXPECT_EQ(state.steps.at("h[0].x").status, StepStatus::kDone);
  EXPECT_FALSE(state.steps.contains("b"));
  const auto record = Decide(original.graph(), state, fork->event, 9'000'000);
  ASSERT_TRUE(record);
  EXPECT_THAT(Running(state), ElementsAre("b"));
  EXPECT_EQ(state.steps.at("b").attempts[0].input, Value({{"list", {"h[0].x", "h[1].x"}}}));
  EXPECT_EQ(state.usage.generated_tokens, 7);
  EXPECT_EQ(state.request_id, "copy");
  EXPECT_EQ(state.labels, original.state().labels);
}

TEST(Fork, LeavesAsMuchTimeAsThereWasThen) {
  // given
  const Player original = Original();
  // when: "b" started 300 ms after the task
  const auto fork = ForkBefore(original.records(), "b", 9'000'000, "");
  // then
  ASSERT_TRUE(fork);
  const TaskState state = Folded(*fork);
  EXPECT_EQ(state.accepted_ms, 9'000'000 - 300);
  EXPECT_EQ(state.deadline_ms, 9'000'000 + 4'700);
}

TEST(Fork, WhatRanBesideItRunsAgain) {
  // given: two rounds side by side
  const Player original = Original();
  // when
  const auto round = ForkBefore(original.records(), "h[1]", 9'000'000, "");
  const auto inside = ForkBefore(original.records(), "h[1].x", 9'000'000, "");
  const auto holder = ForkBefore(original.records(), "h", 9'000'000, "");
  // then: all three started by the same decision
  for (const auto* fork : {&round, &inside, &holder}) {
    ASSERT_TRUE(*fork);
    TaskState state = Folded(**fork);
    ASSERT_TRUE(Decide(original.graph(), state, (*fork)->event, 9'000'000));
    EXPECT_THAT(Running(state), ElementsAre("h[0].x", "h[1].x"));
  }
}

TEST(Fork, FromTheFirstStepIsTheWholeTaskAgain) {
  // given
  const Player original = Original();
  // when
  const auto fork = ForkBefore(original.records(), "a", 9'000'000, "copy");
  // then
  ASSERT_TRUE(fork);
  EXPECT_THAT(fork->before, IsEmpty());
  TaskState state;
  ASSERT_TRUE(Decide(original.graph(), state, fork->event, 9'000'000));
  EXPECT_EQ(state.deadline_ms, 9'005'000);
  EXPECT_EQ(state.request_id, "copy");
  EXPECT_THAT(Running(state), ElementsAre("a"));
}

// Lists are cut by the core itself: such a step begins and ends in one decision.
TEST(Fork, FromAStepThatTheCoreDoesItself) {
  // given
  graph::Step list = Decompose("items", "", "{{ steps.a }}");
  list.decompose->by = graph::DecomposeStep::By::kList;
  list.decompose->max = 4;
  Player player(MakeGraph({Call("a", "one"), std::move(list),
                           Each("h", "part", "{{ steps.items }}", Body({Call("x", "one")}, "{{ steps.x }}"))},
                          "{{ steps.h }}"));
  player.Take(Accepted{.graph = "g"});
  player.Done("a", "- first\n- second");
  player.Done("h[0].x", 1);
  player.Done("h[1].x", 2);
  ASSERT_EQ(player.state().status, TaskStatus::kDone);
  // when
  const auto fork = ForkBefore(player.records(), "items", 9'000'000, "");
  // then it is cut anew
  ASSERT_TRUE(fork) << ToString(fork.error());
  TaskState state = Folded(*fork);
  EXPECT_FALSE(state.steps.contains("items"));
  ASSERT_TRUE(Decide(player.graph(), state, fork->event, 9'000'000));
  EXPECT_EQ(state.steps.at("items").status, StepStatus::kDone);
  EXPECT_THAT(Running(state), ElementsAre("h[0].x", "h[1].x"));
  EXPECT_THAT(ForkPoints(player.records()), ::testing::Contains("items"));
  // and a step's end is no beginning of it
  EXPECT_EQ(ForkBefore(player.records(), "a", 0, "")->before.size(), 0u);
}

TEST(Fork, SaysWhyItCannot) {
  // given
  const Player original = Original();
  const auto& records = original.records();
  // when, then
  const auto skipped = ForkBefore(records, "never", 0, "");
  ASSERT_FALSE(skipped);
  EXPECT_EQ(skipped.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(skipped.error().message, HasSubstr("left out"));
  for (const char* path : {"c", "h[2]", "h[0].y", ""}) {
    const auto unknown = ForkBefore(records, path, 0, "");
    ASSERT_FALSE(unknown) << path;
    EXPECT_EQ(unknown.error().code, Code::kNotFound);
  }
  const auto without_start = ForkBefore(std::span(records).subspan(1), "b", 0, "");
  EXPECT_EQ(without_start.error().code, Code::kDataLoss);
  std::vector<Record> gap(records.begin(), records.end());
  gap.erase(gap.begin() + 1);
  EXPECT_EQ(ForkBefore(gap, "b", 0, "").error().code, Code::kDataLoss);
  EXPECT_THAT(ForkPoints(records), ElementsAre("a", "b", "h", "h[0]", "h[0].x", "h[1]", "h[1].x"));
}

}  // namespace
}  // namespace troupe::core::testing
