// The flat list that timelines are drawn from.
#include "router/core/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(View, ListsStepsInTheOrderTheyBegan) {
  graph::Step z = Call("z", "one");
  z.agent->retry.max = 1;
  Player player(MakeGraph({z, Each("h", "part", "{{ input.parts }}", Body({Call("x", "two")})),
                           Call("last", "one", {{"h", "{{ steps.h }}"}})}));
  player.Accept({{"parts", {1}}});
  player.Advance(10);
  player.Fail("z", Code::kUnavailable);
  player.Advance(5);
  player.Done("h[0].x");
  const auto views = ViewSteps(player.state());
  ASSERT_EQ(views.size(), 5u);
  std::vector<std::string> paths;
  for (const StepView& view : views) paths.push_back(view.path);
  EXPECT_THAT(paths, ElementsAre("z", "h", "h[0]", "h[0].x", "last"));
  EXPECT_EQ(views[0].attempts.size(), 2u);
  EXPECT_EQ(views[0].attempts[0].error.code, Code::kUnavailable);
  EXPECT_EQ(views[0].ended_ms, 0);
  EXPECT_TRUE(views[1].holds_steps);
  EXPECT_TRUE(views[2].is_round);
  EXPECT_EQ(views[3].depth, 2);
  EXPECT_EQ(views[3].agent, "two");
  EXPECT_EQ(views[3].ended_ms - views[3].started_ms, 15);
  EXPECT_EQ(StatusName(views[3].status), "done");
}

}  // namespace
}  // namespace troupe::core::testing
