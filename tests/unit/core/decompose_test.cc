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

}  // namespace
}  // namespace troupe::core::testing
