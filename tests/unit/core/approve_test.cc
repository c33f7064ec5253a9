// Steps that wait for a person: what they ask, who may answer, and that a task's time stands still meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/core/people.h"
#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using OnTimeout = graph::ApproveStep::OnTimeout;

graph::Step Timed(std::string name, int64_t timeout_ms, OnTimeout on_timeout) {
  graph::Step step = Approve(std::move(name), "really?");
  step.approve->timeout_ms = timeout_ms;
  step.approve->on_timeout = on_timeout;
  return step;
}

PersonDecided Approved(const std::string& path, const std::string& by = "ann") {
  return {.path = path, .approved = true, .by = by, .note = "fine"};
}

void Accept(Player& player, int64_t time_ms, Value input = Value::object()) {
  player.Take(Accepted{.graph = "test", .input = std::move(input), .deadline_ms = player.now_ms() + time_ms});
}

UnixMs AlarmOf(const Player& player) {
  const auto alarm = NextAlarm(player.state());
  return alarm ? alarm->at_ms : 0;
}

TEST(Approve, AsksWhatItsTemplateSaysAndWaits) {
  // given a step that shows a draft to a person
  graph::Step ok = Approve("ok", "send {{ steps.a.text }}?");
  ok.approve->show = Template({{"draft", "{{ steps.a }}"}});
  Player player(MakeGraph({Call("a", "one"), ok, Call("b", "one", {{"note", "{{ steps.ok.note }}"}})}));
  player.Accept();
  // when its turn comes
  const auto asked = Only<AskPerson>(player.Done("a", {{"text", "hi"}}));
  // then it asks, and nothing is under way
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].ask, "send hi?");
  EXPECT_EQ(asked[0].show, Value({{"draft", {{"text", "hi"}}}}));
  EXPECT_EQ(asked[0].expires_ms, 0);
  EXPECT_THAT(player.Running(), IsEmpty());
  EXPECT_EQ(player.StatusOf("ok"), StepStatus::kWaitsForPerson);
  EXPECT_EQ(AlarmOf(player), 0);
}

TEST(Approve, GivesWhoDecidedWhatWhenAndWhy) {
  Player player(MakeGraph({Approve("ok", "really?")}, "{{ steps.ok }}"));
  player.Accept();
  player.Recover();
  player.Take(PersonDecided{.path = "ok", .approved = false, .by = "bob", .note = "too dear"});
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_EQ(player.state().output,
            Value({{"approved", false}, {"by", "bob"}, {"note", "too dear"}, {"time", "1970-01-01T00:16:40Z"}}));
}

TEST(Approve, TheSameDecisionAgainIsKnownAndAnotherIsRefused) {
  Player player(MakeGraph({Approve("ok", "really?"), Call("a", "one"), Approve("later", "{{ steps.a }}")}));
  player.Accept();
  const auto examine = [&player](const PersonDecided& decided) {
    return Examine(&player.graph(), player.state(), decided);
  };
  EXPECT_EQ(examine(Approved("ok")).value(), VerdictIs::kNew);
  player.Take(Approved("ok"));
  EXPECT_EQ(examine(Approved("ok")).value(), VerdictIs::kSame);
  // and nothing is written for it
  player.Take(Approved("ok"));
  EXPECT_TRUE(player.last_was_stale());
  for (PersonDecided other : {Approved("ok", "bob"), PersonDecided{.path = "ok", .by = "ann", .note = "fine"}}) {
    const auto refused = examine(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
    EXPECT_THAT(refused.error().message, HasSubstr("ann approved it at 1970-01-01T00:16:40Z"));
  }
  EXPECT_EQ(examine(Approved("later")).error().code, Code::kFailedPrecondition) << "its turn has not come";
  EXPECT_EQ(examine(Approved("a")).error().code, Code::kFailedPrecondition) << "not one that waits";
  for (const char* unknown : {"nobody", "ok[0]", "", "ok.x", "a..b"}) {
    EXPECT_EQ(examine(Approved(unknown)).error().code, Code::kNotFound) << unknown;
  }
}

TEST(Approve, SilenceRejectsApprovesOrFailsAsTheGraphSays) {
  for (const auto& [on_timeout, output] :
       std::vector<std::pair<OnTimeout, Value>>{{OnTimeout::kReject, false}, {OnTimeout::kApprove, true}}) {
    Player player(MakeGraph({Timed("ok", 500, on_timeout)}, "{{ steps.ok.approved }}"));
    player.Accept();
    EXPECT_EQ(AlarmOf(player), player.now_ms() + 500);
    player.Advance(499);
    player.Take(WaitExpired{"ok"});
    EXPECT_TRUE(player.last_was_stale()) << "too early";
    player.Advance(1);
    player.Recover();
    player.Take(WaitExpired{"ok"});
    EXPECT_EQ(player.state().output, output);
    EXPECT_EQ(Examine(&player.graph(), player.state(), Approved("ok")).error().code, Code::kFailedPrecondition);
  }
  Player player(MakeGraph({Timed("ok", 500, OnTimeout::kFail)}));
  player.Accept();
  player.Advance(500);
  player.Take(WaitExpired{"ok"});
  EXPECT_EQ(player.state().error.code, Code::kDeadlineExceeded);
  EXPECT_EQ(player.state().error_path, "ok");
}

TEST(Approve, AFailureThatIsKeptGivesNone) {
  graph::Step ok = Timed("ok", 500, OnTimeout::kFail);
  ok.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({ok}, {{"ok", "{{ steps.ok }}"}}));
  player.Accept();
  player.Advance(500);
  player.Take(WaitExpired{"ok"});
  EXPECT_EQ(player.state().output, Value({{"ok", nullptr}}));
}

TEST(Approve, TheDeadlineStandsStillWhileAPersonIsWaitedFor) {
  // given a task of 1 s that has used 400 ms when it asks
  Player player(MakeGraph({Call("a", "one"), Approve("ok", "{{ steps.a }}"), Call("b", "one", {{"x", "{{ steps.ok }}"}})}));
  Accept(player, 1000);
  const UnixMs deadline_ms = player.now_ms() + 1000;
  player.Advance(400);
  player.Done("a", "draft");
  EXPECT_EQ(AlarmOf(player), 0);
  // when the answer takes three days
  const int64_t wait_ms = 3LL * 24 * 3600 * 1000;
  player.Advance(wait_ms);
  player.Take(DeadlinePassed{});
  EXPECT_TRUE(player.last_was_stale());
  player.Recover();
  const auto moved = Only<MoveDeadline>(player.Take(Approved("ok")));
  // then the deadline has moved by as much, and holds from then on
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].deadline_ms, deadline_ms + wait_ms);
  EXPECT_EQ(AlarmOf(player), deadline_ms + wait_ms);
  player.Advance(599);
  player.Take(DeadlinePassed{});
  EXPECT_TRUE(player.last_was_stale());
  player.Advance(1);
  player.Take(DeadlinePassed{});
  EXPECT_EQ(player.state().status, TaskStatus::kFailed);
}

TEST(Approve, TheClockGoesOnOnlyWhenNobodyIsWaitedForAnyMore) {
  Player player(MakeGraph({Approve("one", "?"), Approve("two", "?")}));
  Accept(player, 1000);
  const UnixMs deadline_ms = player.now_ms() + 1000;
  player.Advance(5000);
  EXPECT_THAT(Only<MoveDeadline>(player.Take(Approved("one"))), IsEmpty());
  player.Advance(5000);
  player.Take(Approved("two"));
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_EQ(player.state().deadline_ms, deadline_ms) << "a task that ends needs no deadline";
}

TEST(Approve, ARoundThatFailsStopsItsQuestionAndTheClockGoesOn) {
  graph::Step each = Each("h", "part", "{{ input.parts }}", Body({Call("x", "one"), Approve("ok", "{{ part }}?")}));
  each.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({each, Call("y", "one")}));
  Accept(player, 1000, {{"parts", {"A"}}});
  const UnixMs deadline_ms = player.now_ms() + 1000;
  EXPECT_EQ(player.StatusOf("h[0].ok"), StepStatus::kWaitsForPerson);
  player.Advance(2000);
  const auto decisions = player.Fail("h[0].x", Code::kNotFound);
  ASSERT_EQ(Only<MoveDeadline>(decisions).size(), 1u);
  EXPECT_EQ(player.state().deadline_ms, deadline_ms + 2000);
  EXPECT_EQ(player.StatusOf("h[0].ok"), StepStatus::kStopped);
  EXPECT_EQ(Examine(&player.graph(), player.state(), Approved("h[0].ok")).error().code, Code::kFailedPrecondition);
  EXPECT_THAT(player.Running(), ElementsAre("y"));
}

TEST(Approve, CancelEndsTheWait) {
  Player player(MakeGraph({Approve("ok", "?")}));
  player.Accept();
  player.Take(CancelRequested{});
  EXPECT_EQ(player.state().status, TaskStatus::kCancelled);
  EXPECT_EQ(player.StatusOf("ok"), StepStatus::kStopped);
  EXPECT_EQ(player.state().open_questions, 0);
  player.Take(Approved("ok"));
  EXPECT_TRUE(player.last_was_stale());
}

TEST(Approve, AQuestionThatIsNoTextFailsTheStep) {
  Player player(MakeGraph({Approve("ok", "{{ input.n }}")}));
  player.Accept({{"n", 3}});
  EXPECT_EQ(player.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(player.state().error.message, HasSubstr("the question of step 'ok' must be a text"));
}

}  // namespace
}  // namespace troupe::core::testing
