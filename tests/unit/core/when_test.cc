// Steps that are left out, and what others see of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Step When(graph::Step step, const std::string& condition) {
  step.when = Expression(condition);
  return step;
}

TEST(When, LeavesAStepOutAndGivesNone) {
  Player player(MakeGraph({When(Call("a", "one"), "{{ input.go }}"), Call("b", "two", {{"a", "{{ steps.a }}"}})}));
  const auto decisions = player.Accept({{"go", false}});
  EXPECT_EQ(Only<SkipStep>(decisions).size(), 1u);
  EXPECT_EQ(player.StatusOf("a"), StepStatus::kSkipped);
  EXPECT_EQ(player.InputOf("b"), Value({{"a", nullptr}}));
}

TEST(When, RunsWhereItHolds) {
  Player player(MakeGraph({When(Call("a", "one"), "{{ input.go == 'yes' }}")}));
  player.Accept({{"go", "yes"}});
  EXPECT_THAT(player.Running(), ElementsAre("a"));
}

TEST(When, TakesEmptyValuesForFalse) {
  for (const Value& empty : {Value(nullptr), Value(0), Value(""), Value::array(), Value::object()}) {
    Player player(MakeGraph({When(Call("a", "one"), "{{ input.go }}")}));
    player.Accept({{"go", empty}});
    EXPECT_EQ(player.StatusOf("a"), StepStatus::kSkipped) << empty;
  }
}

TEST(When, ALongChainLeftOutEndsTheTask) {
  // given: two neighbours that are left out in the same moment, and one that waits for both
  std::vector<graph::Step> steps;
  for (int i = 0; i < 500; ++i) {
    std::string name = "s";
    name += std::to_string(i);
    steps.push_back(When(Call(std::move(name), "one"), "{{ input.go }}"));
    if (i >= 2) steps.back().waits_for = {i - 1, i - 2};
  }
  Player player(MakeGraph(std::move(steps)));
  // when
  const auto decisions = player.Accept({{"go", false}});
  // then: each exactly once
  EXPECT_EQ(decisions.size(), 501u);
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
}

TEST(When, ABrokenConditionFailsTheStep) {
  Player player(MakeGraph({When(Call("a", "one"), "{{ input.nothing.here }}")}));
  player.Accept();
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("when of step 'a'"));
  EXPECT_THAT(player.state().error.message, HasSubstr("test.yaml:7:3"));
  EXPECT_EQ(player.state().error_path, "a");
}

}  // namespace
}  // namespace troupe::core::testing
