// Turns one after another: when they stop, what each sees of the one before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Step RepeatStep(graph::RepeatStep::OnExhausted on_exhausted) {
  graph::Step step = Repeat("answer", "{{ steps.check.label == 'ok' }}", 2,
                            Body({Call("draft", "writer", {{"last", "{{ previous }}"}}),
                                  Call("check", "judge", {{"t", "{{ steps.draft }}"}})},
                                 "{{ steps.draft }}"));
  step.repeat->on_exhausted = on_exhausted;
  return step;
}
constexpr auto kKeep = graph::RepeatStep::OnExhausted::kKeep;
constexpr auto kFail = graph::RepeatStep::OnExhausted::kFail;

TEST(Repeat, StopsWhenItsConditionHolds) {
  Player player(MakeGraph({RepeatStep(kFail)}, "{{ steps.answer }}"));
  player.Accept();
  EXPECT_EQ(player.InputOf("answer[0].draft"), Value({{"last", nullptr}}));
  player.Done("answer[0].draft", "first");
  player.Done("answer[0].check", {{"label", "ok"}});
  EXPECT_EQ(player.state().output, "first");
}

TEST(Repeat, ShowsTheTurnBefore) {
  Player player(MakeGraph({RepeatStep(kFail)}, "{{ steps.answer }}"));
  player.Accept();
  player.Done("answer[0].draft", "first");
  player.Done("answer[0].check", {{"label", "bad"}});
  EXPECT_THAT(player.Running(), ElementsAre("answer[1].draft"));
  EXPECT_EQ(player.InputOf("answer[1].draft"), Value({{"last", "first"}}));
  player.Done("answer[1].draft", "second");
  player.Done("answer[1].check", {{"label", "ok"}});
  EXPECT_EQ(player.state().output, "second");
}

TEST(Repeat, KeepsTheLastWhenUsedUp) {
  Player player(MakeGraph({RepeatStep(kKeep)}, "{{ steps.answer }}"));
  player.Accept();
  for (const char* path : {"answer[0]", "answer[1]"}) {
    player.Done(std::string(path) + ".draft", path);
    player.Done(std::string(path) + ".check", {{"label", "bad"}});
  }
  EXPECT_EQ(player.state().output, "answer[1]");
}

TEST(Repeat, FailsWhenUsedUp) {
  Player player(MakeGraph({RepeatStep(kFail)}));
  player.Accept();
  for (const char* path : {"answer[0]", "answer[1]"}) {
    player.Done(std::string(path) + ".draft", path);
    player.Done(std::string(path) + ".check", {{"label", "bad"}});
  }
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
  EXPECT_EQ(player.state().error.code, Code::kFailedPrecondition);
  EXPECT_THAT(player.state().error.message, HasSubstr("repeated 2 times"));
  EXPECT_EQ(player.state().error_path, "answer");
}

TEST(Repeat, FailsWithATurn) {
  graph::Step step = RepeatStep(kKeep);
  step.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({step}, {{"answer", "{{ steps.answer }}"}}));
  player.Accept();
  player.Fail("answer[0].draft", Code::kInvalidArgument);
  EXPECT_EQ(player.StatusOf("answer[0]"), StepStatus::kFailed);
  EXPECT_TRUE(player.Step("answer").tolerated);
  EXPECT_EQ(player.state().output, Value({{"answer", nullptr}}));
}

TEST(Repeat, InsideEachIsNamedByBothRounds) {
  graph::Step each =
      Each("handle", "part", "{{ input.parts }}", Body({RepeatStep(kFail)}, "{{ steps.answer }}{{ part }}"));
  Player player(MakeGraph({each}, "{{ steps.handle }}"));
  player.Accept({{"parts", {"A"}}});
  player.Done("handle[0].answer[0].draft", "first");
  player.Done("handle[0].answer[0].check", {{"label", "bad"}});
  player.Recover();
  player.Done("handle[0].answer[1].draft", "second");
  player.Done("handle[0].answer[1].check", {{"label", "ok"}});
  EXPECT_EQ(player.state().output, Value({"secondA"}));
}

}  // namespace
}  // namespace troupe::core::testing
