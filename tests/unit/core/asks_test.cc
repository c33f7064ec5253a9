// Questions that agents put to their peers.
#include "router/core/asks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/core/place.h"
#include "router/core/view.h"
#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Graph WithPeers(std::vector<graph::Step> steps, const Value& output = nullptr) {
  graph::Graph graph = MakeGraph(std::move(steps), output);
  for (const char* name : {"writer", "expert", "librarian"}) graph.agents[name].name = name;
  graph.agents["writer"].asks = {{"expert", 2}};
  graph.agents["expert"].asks = {{"librarian", 1}};
  return graph;
}

StepAsked Question(const std::string& path, int ordinal, const Value& input, const std::string& peer = "expert",
                   int attempt = 1) {
  return {.path = path, .attempt = attempt, .ordinal = ordinal, .peer = peer, .input = input};
}

// What the agent is told; kUnderWay where nothing yet.
AskRuling Rule(const Player& player, const StepAsked& asked) {
  return RuleOnAsk(player.graph(), player.state(), asked);
}

TEST(AskPaths, AreTellableFromRounds) {
  EXPECT_EQ(AskPath("handle[2].facts", 3), "handle[2].facts.ask[3]");
  EXPECT_EQ(SplitAsk("handle[2].facts.ask[3]")->asker, "handle[2].facts");
  EXPECT_EQ(SplitAsk("answer.ask[1].ask[2]")->ordinal, 2);
  EXPECT_EQ(SplitAsk("answer.ask[1].ask[2]")->asker, "answer.ask[1]");
  for (const char* path : {"", "ask[1]", "answer", "answer.ask", "handle[2].ask[1]", "x[0].ask[2].ask[1]", "a.ask[x]",
                           "a.task[1]", "a.ask[]", "]", "a.ask[1].b"}) {
    EXPECT_FALSE(IsAsk(path)) << path;
  }
  EXPECT_FALSE(IsRound("answer.ask[1]"));
  EXPECT_TRUE(IsRound("handle[2].ask[1]")) << "a round of a step named ask";
}

TEST(Asks, AreStepsBelowTheOneThatAsks) {
  // given
  Player player(WithPeers({Call("answer", "writer"), Call("next", "writer", {{"x", "{{ steps.answer.text }}"}})},
                          "{{ steps.next }}"));
  player.Accept();
  // when
  const auto started = Only<StartStep>(player.Take(Question("answer", 1, {{"prompt", "?"}})));
  // then
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].path, "answer.ask[1]");
  EXPECT_EQ(started[0].agent, "expert");
  EXPECT_EQ(started[0].input, Value({{"prompt", "?"}}));
  EXPECT_THAT(player.Running(), ElementsAre("answer", "answer.ask[1]"));
  // when it is answered, nothing else begins: only the agent that asked waits for it
  EXPECT_THAT(player.Done("answer.ask[1]", {{"text", "42"}}), IsEmpty());
  EXPECT_THAT(player.Running(), ElementsAre("answer"));
  EXPECT_EQ(*Rule(player, Question("answer", 1, {{"prompt", "?"}})).answer, Value({{"text", "42"}}));
  // then the scope ends as ever
  player.Done("answer", {{"text", "so 42"}});
  player.Done("next", "end");
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
}

TEST(Asks, TheSameQuestionAgainGetsTheRecordedAnswer) {
  graph::Step answer = Call("answer", "writer");
  answer.agent->retry.max = 1;
  Player player(WithPeers({std::move(answer)}));
  player.Accept();
  player.Take(Question("answer", 1, "?"));
  // while the peer is at work
  player.Take(Question("answer", 1, "?"));
  EXPECT_TRUE(player.last_was_stale());
  EXPECT_EQ(Rule(player, Question("answer", 1, "?")).what, AskRuling::What::kUnderWay);
  // after a crash both go on, and the question is not asked twice
  player.Recover();
  EXPECT_THAT(player.Running(), ElementsAre("answer", "answer.ask[1]"));
  player.Take(Question("answer", 1, "?"));
  EXPECT_TRUE(player.last_was_stale());
  player.Done("answer.ask[1]", 42);
  player.Recover();
  EXPECT_EQ(*Rule(player, Question("answer", 1, "?")).answer, 42);
  // and so does the step's next attempt
  player.Fail("answer", Code::kUnavailable);
  player.Take(Question("answer", 1, "?", "expert", 2));
  EXPECT_TRUE(player.last_was_stale());
  EXPECT_EQ(*Rule(player, Question("answer", 1, "?", "expert", 2)).answer, 42);
}

TEST(Asks, AnotherQuestionUnderAnOldOrdinalIsAskedAnew) {
  Player player(WithPeers({Call("answer", "writer")}));
  player.Accept();
  player.Take(Question("answer", 1, "old"));
  // when the old one is at work
  const auto decisions = player.Take(Question("answer", 1, "new"));
  EXPECT_THAT(Only<StopStep>(decisions), ElementsAre(StopStep{"answer.ask[1]", 1}));
  ASSERT_EQ(Only<StartStep>(decisions).size(), 1u);
  EXPECT_EQ(Only<StartStep>(decisions)[0].attempt, 2);
  // when it is answered and another one comes
  player.Done("answer.ask[1]", "to new");
  EXPECT_EQ(*Rule(player, Question("answer", 1, "new")).answer, "to new");
  EXPECT_EQ(Only<StartStep>(player.Take(Question("answer", 1, "newest"))).size(), 1u);
  EXPECT_EQ(player.StatusOf("answer.ask[1]"), StepStatus::kRunning);
  // then an old answer that comes late is none
  player.Take(StepDone{.path = "answer.ask[1]", .attempt = 2, .output = "late"});
  EXPECT_TRUE(player.last_was_stale());
  player.Done("answer.ask[1]", "to newest");
  EXPECT_EQ(*Rule(player, Question("answer", 1, "newest")).answer, "to newest");
}

TEST(Asks, AreRefusedBeyondTheMaxAndWhereNotDeclared) {
  graph::Graph graph = WithPeers({Call("answer", "writer"), Decompose("parts", "writer", "{{ input.x }}")});
  Player player(std::move(graph));
  player.Accept({{"x", "text"}});
  player.Take(Question("answer", 1, 1));
  player.Take(Question("answer", 2, 2));
  const auto refused = [&](const StepAsked& asked) {
    player.Take(asked);
    EXPECT_TRUE(player.last_was_stale()) << "a refusal is not recorded";
    const AskRuling ruling = Rule(player, asked);
    EXPECT_EQ(ruling.what, AskRuling::What::kAnswered);
    return ruling.answer ? Error{Code::kOk} : ruling.answer.error();
  };
  EXPECT_EQ(
      refused(Question("answer", 3, 3)),
      (Error{Code::kResourceExhausted, "agent writer may ask expert 2 times in one step; raise its max in 'asks'"}));
  EXPECT_EQ(refused(Question("answer", 3, 3, "librarian")),
            (Error{Code::kFailedPrecondition,
                   "agent writer may not ask 'librarian': name it under 'asks' of writer in the graph"}));
  EXPECT_EQ(refused(Question("answer", 3, 3, "nobody")).code, Code::kFailedPrecondition);
  EXPECT_THAT(refused(Question("parts", 1, 1)).message, HasSubstr("only such steps may ask"));
}

TEST(Asks, AnAgentThatIsDoneTakesItsQuestionsBack) {
  graph::Step answer = Call("answer", "writer");
  answer.agent->retry.max = 1;
  Player player(WithPeers({std::move(answer)}));
  player.Accept();
  // given questions of questions
  player.Take(Question("answer", 1, "?"));
  player.Take(Question("answer.ask[1]", 1, "!", "librarian"));
  EXPECT_THAT(player.Running(), ElementsAre("answer", "answer.ask[1]", "answer.ask[1].ask[1]"));
  // when the attempt fails
  EXPECT_THAT(Only<StopStep>(player.Fail("answer", Code::kUnavailable)),
              ElementsAre(StopStep{"answer.ask[1]", 1}, StopStep{"answer.ask[1].ask[1]", 1}));
  // then the next one may ask the same anew
  EXPECT_EQ(Only<StartStep>(player.Take(Question("answer", 1, "?", "expert", 2))).size(), 1u);
  // and when it is done without waiting, nothing is left at work
  EXPECT_EQ(Only<StopStep>(player.Done("answer", "anyway")).size(), 1u);
  EXPECT_EQ(player.state().status, TaskStatus::kDone);
  EXPECT_THAT(player.Running(), IsEmpty());
}

TEST(Asks, AreStoppedWithTheScopeAroundThem) {
  Player player(
      WithPeers({Each("h", "x", "{{ input.list }}", Body({Call("answer", "writer"), Call("other", "librarian")}))}));
  player.Accept({{"list", {1, 2}}});
  player.Take(Question("h[0].answer", 1, "?"));
  EXPECT_EQ(player.Take(CancelRequested{"enough"}).size(), 6u) << "five at work, then the task's end";
  EXPECT_THAT(player.Running(), IsEmpty());
}

TEST(Asks, APeerThatFailsIsAnAnswerToo) {
  Player player(WithPeers({Call("answer", "writer")}));
  player.Accept();
  player.Take(Question("answer", 1, "?"));
  const auto failed = Only<FailStep>(player.Fail("answer.ask[1]", Code::kUnavailable));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_TRUE(failed[0].tolerated);
  EXPECT_THAT(player.Running(), ElementsAre("answer"));
  EXPECT_EQ(Rule(player, Question("answer", 1, "?")).answer.error().code, Code::kUnavailable);
}

TEST(Asks, SetTokensAsideAndNeverWaitForThem) {
  graph::Graph graph = WithPeers({Call("answer", "writer")});
  graph.agents["writer"].max_tokens = 6;
  graph.agents["expert"].max_tokens = 3;
  Player player(std::move(graph));
  player.Accept(Value::object(), 10);
  player.Take(Question("answer", 1, "?"));
  EXPECT_EQ(player.state().reserved.tokens, 9);
  player.Take(Question("answer", 2, "?"));
  EXPECT_TRUE(player.last_was_stale());
  EXPECT_THAT(Rule(player, Question("answer", 2, "?")).answer.error().message, HasSubstr("only 1 are left"));
  player.Done("answer.ask[1]", "x", 2);
  EXPECT_EQ(player.state().reserved.tokens, 6);
  player.Done("answer", "x", 1);
  EXPECT_EQ(player.state().usage.generated_tokens, 3);
}

TEST(Asks, AreShownBelowTheirStep) {
  Player player(WithPeers({Each("h", "x", "{{ input.list }}", Body({Call("answer", "writer")}))}));
  player.Accept({{"list", {1}}});
  player.Take(Question("h[0].answer", 1, "?"));
  player.Take(Question("h[0].answer.ask[1]", 1, "?", "librarian"));
  const auto views = ViewSteps(player.state());
  ASSERT_EQ(views.size(), 5u);
  EXPECT_EQ(views[2].depth, 2);
  EXPECT_EQ(views[3].path, "h[0].answer.ask[1]");
  EXPECT_EQ(views[3].depth, 3);
  EXPECT_FALSE(views[3].is_round);
  EXPECT_FALSE(views[3].holds_steps);
  EXPECT_EQ(views[4].depth, 4);
  EXPECT_EQ(views[4].agent, "librarian");
}

}  // namespace
}  // namespace troupe::core::testing
