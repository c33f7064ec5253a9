// Agents that are unsure, and the teachers that go on in their place.
#include "router/core/teach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Step Taught(const std::string& name) {
  graph::Step step = Call(name, "student", {{"text", "hello"}});
  step.agent->teach = {.agent = "teacher", .below = 0.8, .confidence = "score", .timeout_ms = 700};
  return step;
}

Value Answer(const std::string& label, double score) { return {{"label", label}, {"score", score}}; }

TEST(Confidence, IsTheFieldsNumberFromNoneToOneAndNoneWhereNothingIsSaid) {
  EXPECT_EQ(ConfidenceOf({{"score", 0.25}}, "score"), 0.25);
  EXPECT_EQ(ConfidenceOf({{"score", 1}}, "score"), 1.0);
  EXPECT_EQ(ConfidenceOf({{"score", -0.3}}, "score"), 0.0);
  EXPECT_EQ(ConfidenceOf({{"score", 7}}, "score"), 1.0);
  for (const Value& silent : {Value({{"other", 0.9}}), Value({{"score", "high"}}), Value("high"), Value()}) {
    EXPECT_EQ(ConfidenceOf(silent, "score"), 0.0) << Dump(silent);
  }
}

TEST(Teach, WhoIsSureAnswersAlone) {
  Player player(MakeGraph({Taught("a")}, "{{ steps.a.label }}"));
  player.Accept();
  const auto decided = player.Done("a", Answer("bill", 0.8));
  EXPECT_THAT(Only<AskTeacher>(decided), IsEmpty());
  EXPECT_EQ(player.state().output, "bill");
  EXPECT_FALSE(player.Step("a").doubt);
}

TEST(Teach, WhoIsUnsureIsFollowedByTheTeacherWhoseAnswerCounts) {
  // given
  Player player(MakeGraph({Taught("a"), Call("b", "student", {{"l", "{{ steps.a.label }}"}})}, "{{ steps.b }}"));
  player.Accept();
  // when the student is unsure
  const auto decided = player.Done("a", Answer("bill", 0.79));
  // then the record says how sure it was, and the teacher gets the same input
  EXPECT_THAT(
      Only<AskTeacher>(decided),
      ElementsAre(AskTeacher{.path = "a", .attempt = 1, .teacher = "teacher", .confidence = 0.79, .below = 0.8}));
  const auto starts = Only<StartStep>(decided);
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].path, "a");
  EXPECT_EQ(starts[0].agent, "teacher");
  EXPECT_EQ(starts[0].attempt, 2);
  EXPECT_EQ(starts[0].input, Value({{"text", "hello"}}));
  EXPECT_EQ(starts[0].timeout_ms, 700);
  EXPECT_EQ(player.StatusOf("a"), StepStatus::kRunning);
  EXPECT_EQ(player.Step("a").ended_ms, 0);
  EXPECT_FALSE(player.Has("b"));
  // and what the teacher says is what the next step sees, however unsure it is
  player.Done("a", Answer("card", 0.1));
  EXPECT_EQ(player.InputOf("b"), Value({{"l", "card"}}));
  player.Done("b", "end");
  EXPECT_EQ(player.state().output, "end");
  // both answers are known
  const StepRecord& step = player.Step("a");
  ASSERT_TRUE(step.doubt);
  EXPECT_EQ(step.doubt->output, Answer("bill", 0.79));
  EXPECT_EQ(step.output, Answer("card", 0.1));
}

TEST(Teach, ATeacherAtWorkSurvivesARecovery) {
  Player player(MakeGraph({Taught("a")}, "{{ steps.a.label }}"));
  player.Accept();
  player.Done("a", Answer("bill", 0.2));
  player.Recover();
  EXPECT_THAT(player.Running(), ElementsAre("a"));
  player.Done("a", Answer("card", 1));
  EXPECT_EQ(player.state().output, "card");
}

TEST(Teach, WhereTheTeacherFailsTheStudentsAnswerStands) {
  for (const Code code : {Code::kUnavailable, Code::kDeadlineExceeded, Code::kInvalidArgument, Code::kCancelled}) {
    // given a step that may be tried again and has a fallback
    graph::Step step = Taught("a");
    step.agent->retry = {.max = 2, .backoff_ms = 100};
    step.agent->fallback = "other";
    Player player(MakeGraph({step}, "{{ steps.a.label }}"));
    player.Accept();
    player.Done("a", Answer("bill", 0.2));
    // when its teacher fails
    const auto decided = player.Fail("a", code);
    // then nobody else is tried: there is an answer
    EXPECT_THAT(Only<StartStep>(decided), IsEmpty()) << CodeName(code);
    EXPECT_THAT(Only<CompleteStep>(decided), ElementsAre(CompleteStep{"a", Answer("bill", 0.2)}));
    EXPECT_EQ(player.state().output, "bill");
    EXPECT_EQ(player.Step("a").attempts[1].error.code, code);
  }
}

TEST(Teach, AFailedStudentIsTriedAgainAndItsFallbackHasNoTeacher) {
  // given
  graph::Step step = Taught("a");
  step.agent->retry = {.max = 1, .backoff_ms = 100};
  step.agent->fallback = "other";
  Player player(MakeGraph({step}, "{{ steps.a.label }}"));
  player.Accept();
  // when the student fails twice
  EXPECT_EQ(Only<StartStep>(player.Fail("a", Code::kUnavailable))[0].agent, "student");
  EXPECT_EQ(Only<StartStep>(player.Fail("a", Code::kUnavailable))[0].agent, "other");
  // then what the fallback says stands
  player.Done("a", Answer("bill", 0));
  EXPECT_EQ(player.state().output, "bill");
}

TEST(Teach, NobodyWaitsForRoomForATeacher) {
  // given a limit that the student may use up, and another step that holds some of it
  graph::Graph graph = MakeGraph({Taught("a"), Call("b", "student", {{"text", "y"}})}, "{{ steps.a.label }}");
  graph.agents["teacher"].max_tokens = 60;
  graph.agents["student"].max_tokens = 40;
  Player player(std::move(graph));
  player.Accept(Value::object(), 100);
  // when 60 are asked for and 100 less the 10 used and 40 of the other step are left
  const auto decided = player.Done("a", Answer("bill", 0.2), 10);
  // then the student's answer stands, and the record says why
  const auto asked = Only<AskTeacher>(decided);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_THAT(asked[0].refused, HasSubstr("teacher teacher may generate 60 tokens, but of the task's limit of 100"));
  EXPECT_THAT(Only<StartStep>(decided), IsEmpty());
  EXPECT_EQ(player.StatusOf("a"), StepStatus::kDone);
  EXPECT_EQ(player.Step("a").doubt->refused, asked[0].refused);
  player.Done("b", "end");
  EXPECT_EQ(player.state().output, "bill");
}

TEST(Teach, WhatTheTeacherMayCostIsSetAside) {
  graph::Graph graph = MakeGraph({Taught("a")});
  graph.agents["teacher"].max_tokens = 60;
  Player player(std::move(graph));
  player.Accept(Value::object(), 100);
  player.Done("a", Answer("bill", 0.2), 10);
  EXPECT_EQ(player.state().reserved.tokens, 60);
  player.Done("a", Answer("bill", 1), 50);
  EXPECT_EQ(player.state().usage.generated_tokens, 60);
  EXPECT_EQ(player.state().reserved.tokens, 0);
}

TEST(Teach, InARoundOthersWaitForTheTeacherToo) {
  // given two items, each with two steps
  Player player(MakeGraph(
      {Each("h", "part", "{{ input.parts }}", Body({Taught("x"), Call("y", "student")}, "{{ steps.x.label }}"))},
      "{{ steps.h }}"));
  player.Accept({{"parts", {1}}});
  player.Done("h[0].y", 1);
  // when the last step of the round is unsure
  player.Done("h[0].x", Answer("bill", 0));
  // then the round goes on
  EXPECT_EQ(player.StatusOf("h[0]"), StepStatus::kRunning);
  player.Recover();
  player.Done("h[0].x", Answer("card", 1));
  EXPECT_EQ(player.state().output, Value::array({"card"}));
}

TEST(Teach, WhatIsCancelledMeanwhileStaysSo) {
  Player player(MakeGraph({Taught("a")}));
  player.Accept();
  player.Done("a", Answer("bill", 0));
  const auto decided = player.Take(CancelRequested{"enough"});
  EXPECT_THAT(Only<StopStep>(decided), ElementsAre(StopStep{"a", 2}));
  EXPECT_EQ(player.state().status, TaskStatus::kCancelled);
  player.Done("a", Answer("card", 1));
  EXPECT_TRUE(player.last_was_stale());
}

graph::Step Checked(const std::string& name, double share) {
  graph::Step step = Taught(name);
  step.agent->teach->check = share;
  return step;
}

TEST(SpotCheck, AsksTheTeacherOfWhoIsSureAndTheRecordSaysSo) {
  // given a step all of whose sure answers are checked
  Player player(MakeGraph({Checked("a", 1.0)}, "{{ steps.a.label }}"));
  player.Accept();
  // when the student is sure
  const auto decided = player.Done("a", Answer("bill", 0.9));
  // then its teacher is asked the same, and not because of a doubt
  EXPECT_THAT(
      Only<AskTeacher>(decided),
      ElementsAre(AskTeacher{
          .path = "a", .attempt = 1, .teacher = "teacher", .confidence = 0.9, .below = 0.8, .spot_check = true}));
  player.Recover();
  player.Done("a", Answer("card", 1));
  EXPECT_EQ(player.state().output, "card");
  EXPECT_TRUE(player.Step("a").doubt->spot_check);
  EXPECT_EQ(player.Step("a").doubt->output, Answer("bill", 0.9));
}

TEST(SpotCheck, WhoIsUnsureIsAskedBecauseOfThatAndAFallbackIsNotChecked) {
  graph::Step step = Checked("a", 1.0);
  step.agent->fallback = "other";
  Player unsure(MakeGraph({step}));
  unsure.Accept();
  EXPECT_FALSE(Only<AskTeacher>(unsure.Done("a", Answer("bill", 0.2)))[0].spot_check);
  Player fallen(MakeGraph({step}));
  fallen.Accept();
  fallen.Fail("a", Code::kUnavailable);
  EXPECT_THAT(Only<AskTeacher>(fallen.Done("a", Answer("bill", 0.9))), IsEmpty());
}

TEST(SpotCheck, WhereTheTeacherFailsOrThereIsNoRoomForItTheStudentsAnswerStands) {
  // given a teacher that fails
  Player failing(MakeGraph({Checked("a", 1.0)}, "{{ steps.a.label }}"));
  failing.Accept();
  failing.Done("a", Answer("bill", 0.9));
  failing.Fail("a", Code::kUnavailable);
  EXPECT_EQ(failing.state().output, "bill");
  // and one that the task's limit has no room for: then nothing is said of it
  graph::Graph graph = MakeGraph({Checked("a", 1.0)}, "{{ steps.a.label }}");
  graph.agents["teacher"].max_tokens = 60;
  Player limited(std::move(graph));
  limited.Accept(Value::object(), 50);
  EXPECT_THAT(Only<AskTeacher>(limited.Done("a", Answer("bill", 0.9), 10)), IsEmpty());
  EXPECT_EQ(limited.state().output, "bill");
  EXPECT_FALSE(limited.Step("a").doubt);
}

TEST(SpotCheck, TheShareThatIsDrawnIsTheOneThatIsAskedForAndTheSameEachTime) {
  // given many tasks that differ in one thing alone
  TaskState state;
  state.accepted_ms = 1'000'000;
  int drawn = 0;
  int same = 0;
  constexpr int kTasks = 10'000;
  for (int i = 0; i < kTasks; ++i) {
    state.request_id = "r" + std::to_string(i);
    const bool is_drawn = IsDrawn(state, "handle[2].route", {{"text", "hello"}}, 0.02);
    drawn += is_drawn;
    same += is_drawn == IsDrawn(state, "handle[2].route", {{"text", "hello"}}, 0.02);
    // a larger share keeps those that were in the smaller one
    EXPECT_TRUE(!is_drawn || IsDrawn(state, "handle[2].route", {{"text", "hello"}}, 0.05));
  }
  EXPECT_EQ(same, kTasks);
  EXPECT_NEAR(drawn, 200, 60);
  EXPECT_FALSE(IsDrawn(state, "a", Value(), 0.0));
  EXPECT_TRUE(IsDrawn(state, "a", Value(), 1.0));
}

TEST(SpotCheck, EachOfTimePlaceAndQuestionMakesAnotherDraw) {
  TaskState state;
  const auto draws = [&](const std::function<void(int)>& change, const std::function<std::string(int)>& path,
                         const std::function<Value(int)>& input) {
    int drawn = 0;
    for (int i = 0; i < 1000; ++i) {
      change(i);
      drawn += IsDrawn(state, path(i), input(i), 0.5);
    }
    return drawn;
  };
  const auto stays = [](int) { return std::string("a"); };
  const auto asks = [](int) { return Value("hello"); };
  EXPECT_NEAR(draws([&](int i) { state.accepted_ms = i; }, stays, asks), 500, 80);
  EXPECT_NEAR(draws([](int) {}, [](int i) { return "h[" + std::to_string(i) + "].a"; }, asks), 500, 80);
  EXPECT_NEAR(draws([](int) {}, stays, [](int i) { return Value(i); }), 500, 80);
}

}  // namespace
}  // namespace troupe::core::testing
