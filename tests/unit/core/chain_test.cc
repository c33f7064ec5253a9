// Steps one after another and side by side: who starts when, with what input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Chain, RunsThreeStepsOneAfterAnother) {
  // given
  Player player(
      MakeGraph({Call("a", "one", {{"text", "{{ input.text }}"}}), Call("b", "two", {{"text", "{{ steps.a.text }}!"}}),
                 Call("c", "three", {{"text", "{{ steps.b.text }}?"}})},
                "{{ steps.c.text }}"));
  // when, then
  const auto first = player.Accept({{"text", "hi"}});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(std::get<StartStep>(first[0]), (StartStep{.path = "a", .agent = "one", .input = {{"text", "hi"}}}));
  EXPECT_THAT(player.Running(), ElementsAre("a"));
  player.Done("a", {{"text", "hi"}});
  EXPECT_EQ(player.InputOf("b"), Value({{"text", "hi!"}}));
  player.Done("b", {{"text", "hi!"}});
  EXPECT_EQ(player.InputOf("c"), Value({{"text", "hi!?"}}));
  const auto last = player.Done("c", {{"text", "done"}});
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(std::get<FinishTask>(last[0]).output, "done");
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_EQ(player.state().output, "done");
  EXPECT_EQ(player.state().last_sequence, 4);
  EXPECT_THAT(player.Running(), IsEmpty());
}

TEST(Chain, StartsWhatWaitsForNothingTogether) {
  Player player(
      MakeGraph({Call("a", "one"), Call("b", "one"), Call("c", "one", {{"x", "{{ steps.a }}{{ steps.b }}"}})}));
  player.Accept();
  EXPECT_THAT(player.Running(), ElementsAre("a", "b"));
  player.Done("b", 2);
  EXPECT_THAT(player.Running(), ElementsAre("a"));
  player.Done("a", 1);
  EXPECT_THAT(player.Running(), ElementsAre("c"));
  EXPECT_EQ(player.InputOf("c"), Value({{"x", "12"}}));
}

TEST(Chain, WaitsForAfterWithoutData) {
  graph::Graph graph = MakeGraph({Call("late", "one"), Call("early", "one")});
  graph.root.steps[0].waits_for = {1};
  Player player(std::move(graph));
  player.Accept();
  EXPECT_THAT(player.Running(), ElementsAre("early"));
  player.Done("early");
  EXPECT_THAT(player.Running(), ElementsAre("late"));
}

TEST(Chain, EndsAtOnceWithoutSteps) {
  Player player(MakeGraph({}, {{"said", "{{ input.text }}"}}));
  player.Accept({{"text", "hi"}});
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_EQ(player.state().output, Value({{"said", "hi"}}));
}

TEST(Chain, CarriesTimeoutAndUsage) {
  graph::Step step = Call("a", "one");
  step.agent->timeout_ms = 1500;
  Player player(MakeGraph({step}));
  const auto started = Only<StartStep>(player.Accept());
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].timeout_ms, 1500);
  player.Done("a", nullptr, 12);
  EXPECT_EQ(player.state().usage.generated_tokens, 12);
}

}  // namespace
}  // namespace troupe::core::testing
