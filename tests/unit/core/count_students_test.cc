// What students did, counted from tasks that have ended.
#include "router/core/count_students.h"

#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

graph::Step Taught(const std::string& name, double check = 0.0) {
  graph::Step step = Call(name, "student", {{"text", "hello"}});
  step.agent->teach = {
      .agent = "teacher", .below = 0.8, .confidence = "score", .answer = "label", .check = check, .timeout_ms = 700};
  return step;
}

Value Answer(const std::string& label, double score) { return {{"label", label}, {"score", score}}; }

StudentTally Count(const Player& player) { return CountStudents(player.graph(), player.state()); }

TEST(CountStudents, OfAGraphWithoutTeachersThereIsNothing) {
  Player player(MakeGraph({Call("a", "student")}));
  player.Accept();
  player.Done("a", Answer("bill", 0.1));
  EXPECT_EQ(Count(player), StudentTally());
}

TEST(CountStudents, WhoIsSureWhoIsUnsureAndWhoNeverAnswered) {
  // given a student that is sure, one that is unsure, one left to its fallback, and a step without a teacher
  graph::Step lost = Taught("lost");
  lost.agent->fallback = "other";
  Player player(MakeGraph({Taught("sure"), Taught("unsure"), lost, Call("plain", "student")}));
  player.Accept();
  player.Done("sure", Answer("bill", 0.9));
  player.Done("unsure", Answer("bill", 0.2));
  player.Done("unsure", Answer("card", 1));
  player.Fail("lost", Code::kUnavailable);
  player.Done("lost", Answer("bill", 0));
  player.Done("plain", Answer("bill", 0));
  // then
  EXPECT_EQ(Count(player), (StudentTally{.answers = 2, .unsure = 1}));
}

TEST(CountStudents, AnUnsureAnswerCountsAlsoWhereItsTeacherCouldNotBeAsked) {
  graph::Graph graph = MakeGraph({Taught("a")});
  graph.agents["teacher"].max_tokens = 60;
  Player player(std::move(graph));
  player.Accept(Value::object(), 50);
  player.Done("a", Answer("bill", 0.2), 10);
  EXPECT_EQ(Count(player), (StudentTally{.answers = 1, .unsure = 1}));
}

TEST(CountStudents, ACheckCountsWhereTheTeacherHasAnsweredAndDiffersByTheLabelAlone) {
  // given three checks: the same label, another one, and a teacher that fails
  Player player(MakeGraph({Taught("same", 1.0), Taught("other", 1.0), Taught("lost", 1.0)}));
  player.Accept();
  for (const char* step : {"same", "other", "lost"}) player.Done(step, Answer("bill", 0.9));
  player.Done("same", Answer("bill", 0.3));
  player.Done("other", Answer("card", 0.9));
  player.Fail("lost", Code::kUnavailable);
  // then
  EXPECT_EQ(Count(player), (StudentTally{.answers = 3, .checked = 2, .differing = 1}));
}

TEST(CountStudents, EveryRoundCounts) {
  Player player(MakeGraph({Each("h", "part", "{{ input.parts }}", Body({Taught("x")}, "{{ steps.x.label }}"))}));
  player.Accept({{"parts", {1, 2, 3}}});
  for (const std::string round : {"h[0].x", "h[1].x", "h[2].x"}) player.Done(round, Answer("bill", 0.9));
  EXPECT_EQ(Count(player), (StudentTally{.answers = 3}));
}

TEST(AnswersAlike, ByTheAnswersFieldElseByAllButTheConfidence) {
  const graph::TeachRule whole{.confidence = "score"};
  EXPECT_TRUE(AnswersAlike(whole, Answer("bill", 0.1), Answer("bill", 0.9)));
  EXPECT_FALSE(AnswersAlike(whole, Answer("bill", 0.1), Answer("card", 0.1)));
  EXPECT_FALSE(AnswersAlike(whole, {{"label", "bill"}, {"scores", 1}}, {{"label", "bill"}, {"scores", 2}}));
  const graph::TeachRule labelled{.confidence = "score", .answer = "label"};
  EXPECT_TRUE(AnswersAlike(labelled, {{"label", "bill"}, {"scores", 1}}, {{"label", "bill"}, {"scores", 2}}));
  EXPECT_FALSE(AnswersAlike(labelled, Answer("bill", 1), {{"score", 1}}));
  EXPECT_FALSE(AnswersAlike(labelled, Answer("bill", 1), "card"));
}

}  // namespace
}  // namespace troupe::core::testing
