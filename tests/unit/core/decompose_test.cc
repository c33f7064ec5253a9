// Taking a text apart: what its agent is handed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DecomposeStep, HandsTheTextToItsAgent) {
  Player player(
      MakeGraph({Decompose("parts", "reader", "{{ input.message }}"),
                 Each("h", "part", "{{ steps.parts }}", Body({Call("x", "one", {{"s", "{{ part.skill }}"}})}))}));
  const auto started = Only<StartStep>(player.Accept({{"message", "one and two"}}));
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].agent, "reader");
  EXPECT_EQ(started[0].input, Value({{"text", "one and two"}}));
  player.Done("parts", {{{"text", "one"}, {"skill", "s1"}}, {{"text", "two"}, {"skill", "s2"}}});
  EXPECT_EQ(player.InputOf("h[1].x"), Value({{"s", "s2"}}));
}

TEST(DecomposeStep, RefusesWhatIsNoText) {
  Player player(MakeGraph({Decompose("parts", "reader", "{{ input.message }}")}));
  player.Accept({{"message", 3}});
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("must be a string, got number"));
}

graph::Step Windows(int64_t size, int max) {
  graph::Step step = Decompose("parts", "", "{{ input.message }}");
  step.decompose->by = graph::DecomposeStep::By::kWindows;
  step.decompose->size = size;
  step.decompose->max = max;
  return step;
}

TEST(DecomposeStep, ListsAreTakenApartWithoutAnAgent) {
  // given
  graph::Step list = Decompose("parts", "", "{{ input.message }}");
  list.decompose->by = graph::DecomposeStep::By::kList;
  list.decompose->max = 8;
  Player player(MakeGraph(
      {std::move(list), Each("h", "part", "{{ steps.parts }}",
                             Body({Call("x", "one", {{"s", "{{ part.text }}"}, {"i", "{{ part.index }}"}})}))}));
  // when
  const auto started = Only<StartStep>(player.Accept({{"message", "- shoes\n- socks"}}));
  // then the parts are a decision of the same record, and the steps on them begin at once
  ASSERT_EQ(started.size(), 2u);
  EXPECT_EQ(started[0].path, "h[0].x");
  EXPECT_EQ(player.InputOf("h[0].x"), Value({{"s", "shoes"}, {"i", 0}}));
  EXPECT_EQ(player.state().steps.at("parts").output,
            Value({{{"text", "shoes"}, {"index", 0}}, {{"text", "socks"}, {"index", 1}}}));
}

TEST(DecomposeStep, WindowsSayWhereTheyStand) {
  Player player(MakeGraph({Windows(12, 3)}, "{{ steps.parts }}"));
  player.Accept({{"message", "one two three four five"}});
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_EQ(player.state().output[1], Value({{"text", "three four "}, {"index", 1}, {"start", 8}, {"end", 19}}));
}

TEST(DecomposeStep, MoreWindowsThanMayBeFailTheStep) {
  Player player(MakeGraph({Windows(12, 2)}, "{{ steps.parts }}"));
  player.Accept({{"message", "one two three four five"}});
  EXPECT_EQ(player.state().error,
            (Error{Code::kOutOfRange,
                   "step 'parts' needs more windows of 12 characters than its max of 2; raise max or "
                   "size, lower overlap, or hand it a shorter text"}));
}

}  // namespace
}  // namespace troupe::core::testing
