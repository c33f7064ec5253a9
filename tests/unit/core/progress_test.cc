// Text that streams: what is recorded of the attempt under way, and nothing of any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Progress, AddsUp) {
  Player player(MakeGraph({Call("a", "writer")}));
  player.Accept();
  EXPECT_THAT(player.Progress("a", "Dear "), IsEmpty());
  EXPECT_FALSE(player.last_was_stale());
  player.Progress("a", "customer");
  EXPECT_EQ(player.Step("a").committed_text, "Dear customer");
  player.Recover();
  const auto pending = PendingWork(player.state());
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(*pending[0].committed_text, "Dear customer");
}

TEST(Progress, AFurtherAttemptBeginsAfresh) {
  graph::Step step = Call("a", "writer");
  step.agent->retry.max = 1;
  Player player(MakeGraph({step}));
  player.Accept();
  player.Progress("a", "Dear ");
  player.Fail("a", Code::kUnavailable);
  EXPECT_EQ(player.Step("a").committed_text, "");
  player.Progress("a", "Hello");
  EXPECT_EQ(player.Step("a").committed_text, "Hello");
}

TEST(Progress, OfAnOldAttemptIsStale) {
  graph::Step step = Call("a", "writer");
  step.agent->retry.max = 1;
  Player player(MakeGraph({step}));
  player.Accept();
  player.Fail("a", Code::kUnavailable);
  player.Take(StepProgress{.path = "a", .attempt = 1, .text = "old"});
  EXPECT_TRUE(player.last_was_stale());
}

TEST(Progress, TokensOfAStoppedAttemptAreCounted) {
  Player player(MakeGraph({Call("a", "writer")}));
  player.Accept();
  player.Take(StepProgress{.path = "a", .attempt = 1, .text = "x", .generated_tokens = 7});
  player.Take(CancelRequested{});
  EXPECT_EQ(player.state().usage.generated_tokens, 7);
}

}  // namespace
}  // namespace troupe::core::testing
