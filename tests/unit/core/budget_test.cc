// Device time and money: set aside before a step by the same rule as tokens, settled after it by what it really cost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSecondUs = 1'000'000;

// Steps of agent "writer": at most 10 s, at most 100 tokens, 5 a token and 2,000 a second.
Player MakePlayer(const std::vector<std::string>& names, int64_t timeout_ms = 10'000) {
  std::vector<graph::Step> steps;
  for (const std::string& name : names) {
    steps.push_back(Call(name, "writer"));
    steps.back().agent->timeout_ms = timeout_ms;
  }
  graph::Graph graph = MakeGraph(std::move(steps));
  graph.agents["writer"].max_tokens = 100;
  graph.agents["writer"].price = {.token = 5, .device_second = 2'000};
  return Player(std::move(graph));
}

std::vector<Decision> Done(Player& player, const std::string& path, Usage usage) {
  return player.Take(StepDone{.path = path, .attempt = player.AttemptOf(path), .usage = usage});
}

TEST(Budget, WhatAnAttemptMayCostAtMostIsSetAsideAndSettledByWhatItCost) {
  Player player = MakePlayer({"a"});
  // when a task is limited in all three
  const auto starts = Only<StartStep>(player.AcceptWith({500, 30 * kSecondUs, 100'000}));
  // then 100 tokens, 10 s, and 100 x 5 + 10 x 2,000 of money are set aside
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].reserved, (Amounts{100, 10 * kSecondUs, 20'500}));
  EXPECT_EQ(player.state().reserved, starts[0].reserved);
  // and what it really took is what stays
  Done(player, "a", {.generated_tokens = 7, .device_us = 1'500'001});
  EXPECT_EQ(player.state().reserved, Amounts());
  EXPECT_EQ(player.state().money, 7 * 5 + 3'001) << "rounded up to a whole millionth";
  EXPECT_EQ(player.state().usage.device_us, 1'500'001);
}

TEST(Budget, NothingIsSetAsideWhereThereIsNoLimitButWhatItCostsIsKnown) {
  Player player = MakePlayer({"a"}, 0);
  EXPECT_EQ(Only<StartStep>(player.Accept())[0].reserved, Amounts());
  Done(player, "a", {.generated_tokens = 10});
  EXPECT_EQ(player.state().money, 50);
}

TEST(Budget, StepsSideBySideWaitForEachOthersDeviceTimeAndMoney) {
  for (const Amounts limits : {Amounts{.device_us = 15 * kSecondUs}, Amounts{.money = 30'000}}) {
    Player player = MakePlayer({"a", "b"});
    player.AcceptWith(limits);
    EXPECT_THAT(player.Running(), ElementsAre("a"));
    player.Recover();
    Done(player, "a", {.device_us = 2 * kSecondUs});
    EXPECT_THAT(player.Running(), ElementsAre("b"));
    Done(player, "b", {});
    EXPECT_EQ(player.state().status, TaskStatus::kDone);
  }
}

TEST(Budget, AStepForWhichNotEnoughIsLeftFailsAndSaysOfWhat) {
  for (const auto& [limits, words] : std::vector<std::pair<Amounts, std::string>>{
           {{.tokens = 150},
            "may generate 100 tokens, but of the task's limit of 150 only 50 are left; raise limits.tokens"},
           {{.device_us = 15 * kSecondUs},
            "may take 10 s of device time, but of the task's limit of 15 s only 5 s are left"},
           {{.money = 30'000},
            "may cost 0.0205, but of the task's limit of 0.03 only 0.0095 are left; raise limits.money"}}) {
    Player player = MakePlayer({"a", "b"});
    player.AcceptWith(limits);
    Done(player, "a", {.generated_tokens = 100, .device_us = 10 * kSecondUs});
    EXPECT_EQ(player.state().error.code, Code::kResourceExhausted);
    EXPECT_THAT(player.state().error.message, HasSubstr(words));
    EXPECT_EQ(player.state().error_path, "b");
  }
}

TEST(Budget, TheDeadlineBoundsAStepWithoutATimeout) {
  Player player = MakePlayer({"a"}, 0);
  const auto starts = Only<StartStep>(player.Take(
      Accepted{.graph = "test", .deadline_ms = player.now_ms() + 3'000, .limits = {.device_us = 4 * kSecondUs}}));
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].reserved.device_us, 3 * kSecondUs);
}

TEST(Budget, AStepWithoutAnEndIsRefusedWhereDeviceTimeIsLimited) {
  Player player = MakePlayer({"a"}, 0);
  player.AcceptWith({.money = 1'000'000});
  EXPECT_EQ(player.state().error.code, Code::kFailedPrecondition);
  EXPECT_THAT(player.state().error.message, HasSubstr("step 'a' has no timeout"));
}

TEST(Budget, ASecondTryIsSetAsideTooWhereThereIsRoomForBoth) {
  const auto play = [](int64_t tokens) {
    graph::Graph graph = MakePlayer({"a"}).graph();
    graph.root.steps[0].agent->hedge_percent = 5;
    Player player(std::move(graph));
    return Only<StartStep>(player.AcceptWith({.tokens = tokens})).at(0);
  };
  EXPECT_TRUE(play(0).may_hedge);
  EXPECT_EQ(play(0).reserved, Amounts());
  EXPECT_TRUE(play(200).may_hedge);
  EXPECT_EQ(play(200).reserved.tokens, 200);
  // and there is none where both would be too much
  EXPECT_FALSE(play(199).may_hedge);
  EXPECT_EQ(play(199).reserved.tokens, 100);
}

TEST(Budget, WorkThatSpilledIsChargedByTheOtherPoolsPrice) {
  graph::Graph graph = MakePlayer({"a"}).graph();
  graph.agents["writer"].spill_to = {{.pool = "big", .price = {.token = 50}}};
  Player player(std::move(graph));
  // given at most 100 x 50 there, 100 x 5 + 10 x 2,000 here
  EXPECT_EQ(Only<StartStep>(player.AcceptWith({.money = 100'000})).at(0).reserved.money, 20'500);
  player.Take(StepDone{.path = "a",
                       .usage = {.generated_tokens = 7, .device_us = kSecondUs},
                       .site = {.agent = "writer", .spill = 1, .spill_price = {.token = 50}}});
  EXPECT_EQ(player.state().money, 7 * 50);
}

TEST(Budget, AQuestionToAPeerIsSetAsideByTheSameRule) {
  graph::Graph graph = MakePlayer({"a"}).graph();
  graph.agents["writer"].asks["expert"] = 2;
  graph.agents["expert"].price = {.token = 0, .device_second = 1'000};
  Player player(std::move(graph));
  player.AcceptWith({.device_us = 25 * kSecondUs, .money = 35'000});
  // when it asks, then the peer may take as long as the step that asks
  const auto starts = Only<StartStep>(player.Take(StepAsked{"a", 1, 1, "expert", "?"}));
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].timeout_ms, 10'000);
  EXPECT_EQ(starts[0].reserved, (Amounts{0, 10 * kSecondUs, 10'000}));
  // and one more would be too much
  EXPECT_TRUE(player.Take(StepAsked{"a", 1, 2, "expert", "?"}).empty());
  EXPECT_TRUE(player.last_was_stale());
}

TEST(Budget, ADeadlineThatMovesIsNoEnd) {
  graph::Graph graph = MakePlayer({"a"}, 0).graph();
  graph.asks_people = true;
  Player player(std::move(graph));
  player.Take(Accepted{.graph = "test", .deadline_ms = player.now_ms() + 3'000, .limits = {.device_us = kSecondUs}});
  EXPECT_THAT(player.state().error.message, HasSubstr("step 'a' has no timeout"));
}

TEST(Budget, AnAttemptThatIsStoppedIsChargedWithTheTimeItHad) {
  // given two steps side by side
  Player player = MakePlayer({"a", "b"});
  player.AcceptWith({.device_us = 100 * kSecondUs});
  player.Advance(1'500);
  // when one fails for good, which stops the other
  player.Fail("a", Code::kNotFound);
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().usage.device_us, 1'500'000);
  EXPECT_EQ(player.state().money, 3'000);
  EXPECT_EQ(player.state().reserved, Amounts());
}

TEST(Budget, APriceAppliesToTheAttemptItWasDecidedWith) {
  // given a step under way when the price was 5, recovered by a graph that says 9
  Player player = MakePlayer({"a"});
  player.Accept();
  player.Recover();
  graph::Graph dearer = player.graph();
  dearer.agents["writer"].price = {.token = 9};
  TaskState state = player.state();
  Decide(dearer, state, StepDone{.path = "a", .usage = {.generated_tokens = 2}}, player.now_ms());
  EXPECT_EQ(state.money, 10);
}

}  // namespace
}  // namespace troupe::core::testing
