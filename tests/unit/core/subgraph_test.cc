// Steps that hold another graph: what is seen inside, how they end and fail, and that all of it comes back from records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/graph_builder.h"
#include "tests/unit/core/player.h"

namespace troupe::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

graph::Scope Triage() {
  return Body({Call("parts", "one", {{"q", "{{ input.message }}"}}), Call("sum", "two", {{"p", "{{ steps.parts }}"}})},
              {{"all", "{{ steps.sum }}"}});
}

TEST(Subgraph, ItsStepsAreNamedBelowItAndSeeItsInputOnly) {
  // given a graph within a graph
  Player player(MakeGraph({Subgraph("triage", {{"message", "{{ input.text }}!"}}, Triage()),
                           Call("reply", "one", {{"t", "{{ steps.triage.all }}"}})},
                          "{{ steps.reply }}"));
  // when it runs
  const auto opened = Only<OpenGraph>(player.Accept({{"text", "hi"}}));
  // then
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].input, Value({{"message", "hi!"}}));
  EXPECT_THAT(player.Running(), ElementsAre("triage.parts"));
  EXPECT_EQ(player.InputOf("triage.parts"), Value({{"q", "hi!"}}));
  player.Recover();
  player.Done("triage.parts", "P");
  EXPECT_EQ(player.InputOf("triage.sum"), Value({{"p", "P"}}));
  player.Done("triage.sum", "S");
  EXPECT_EQ(player.StatusOf("triage"), StepStatus::kDone);
  EXPECT_EQ(player.InputOf("reply"), Value({{"t", "S"}}));
  player.Done("reply", "R");
  EXPECT_EQ(player.state().output, "R");
}

TEST(Subgraph, NamesOutsideCannotBeSeenInside) {
  for (const char* outside : {"{{ steps.before }}", "{{ part }}", "{{ previous }}"}) {
    graph::Step inner = Subgraph("sub", {{"x", 1}}, Body({Call("a", "one", {{"v", outside}})}));
    inner.waits_for = {0};
    graph::Step each = Each("h", "part", "{{ input.parts }}", Body({Call("before", "one"), inner}));
    Player player(MakeGraph({each}));
    player.Accept({{"parts", {1}}});
    player.Done("h[0].before", "secret");
    EXPECT_EQ(player.state().status, TaskStatus::kFailed) << outside;
    EXPECT_EQ(player.state().error_path, "h[0].sub.a");
  }
}

TEST(Subgraph, HoldsRoundsAndGraphsAndIsHeldByThem) {
  graph::Scope deep = Body({Each("e", "x", "{{ input.list }}", Body({Call("c", "one", {{"x", "{{ x }}"}})}, "{{ steps.c }}"))},
                           "{{ steps.e }}");
  graph::Scope middle = Body({Subgraph("deep", {{"list", "{{ input.l }}"}}, deep)}, "{{ steps.deep }}");
  graph::Step each = Each("h", "part", "{{ input.parts }}", Body({Subgraph("mid", {{"l", "{{ part }}"}}, middle)}, "{{ steps.mid }}"));
  Player player(MakeGraph({each}, "{{ steps.h }}"));
  player.Accept({{"parts", {{1, 2}, {3}}}});
  EXPECT_THAT(player.Running(), ElementsAre("h[0].mid.deep.e[0].c", "h[0].mid.deep.e[1].c", "h[1].mid.deep.e[0].c"));
  player.Recover();
  player.Done("h[0].mid.deep.e[1].c", "B");
  player.Done("h[1].mid.deep.e[0].c", "C");
  player.Done("h[0].mid.deep.e[0].c", "A");
  EXPECT_EQ(player.state().output, Value::parse(R"([["A","B"],["C"]])"));
}

TEST(Subgraph, AStepThatFailsInsideFailsItAndStopsTheOthers) {
  // given two steps at work in a graph that may fail, and a neighbour whose name begins alike
  graph::Step sub = Subgraph("sub", Value::object(), Body({Call("a", "one"), Call("b", "one")}));
  sub.on_error = graph::OnError::kKeep;
  Player player(MakeGraph({sub, Call("sub2", "one"), Call("late", "one", {{"s", "{{ steps.sub }}"}})}));
  player.Accept();
  // when one of them fails
  const auto decisions = player.Fail("sub.a", Code::kNotFound);
  // then the other is stopped, the neighbour is not, and the task goes on without
  ASSERT_EQ(Only<StopStep>(decisions).size(), 1u);
  EXPECT_EQ(Only<StopStep>(decisions)[0].path, "sub.b");
  EXPECT_EQ(player.StatusOf("sub.b"), StepStatus::kStopped);
  EXPECT_TRUE(player.Step("sub").tolerated);
  EXPECT_THAT(player.Running(), ElementsAre("sub2", "late"));
  EXPECT_EQ(player.InputOf("late"), Value({{"s", nullptr}}));
}

TEST(Subgraph, AFailureNamesTheStepInside) {
  Player player(MakeGraph({Subgraph("sub", Value::object(), Body({Call("a", "one")}))}));
  player.Accept();
  player.Fail("sub.a", Code::kNotFound);
  EXPECT_EQ(player.state().error_path, "sub.a");
  EXPECT_EQ(player.StatusOf("sub"), StepStatus::kFailed);
}

TEST(Subgraph, ItsInputIsHeldToItsTypesAndDefaultsAreFilledIn) {
  graph::Step sub = Subgraph("sub", {{"n", "{{ input.n }}"}}, Body({Call("a", "one", {{"i", "{{ input }}"}})}));
  sub.graph->input_type.kind = kind::Type::Kind::kObject;
  kind::Type number;
  number.kind = kind::Type::Kind::kInteger;
  sub.graph->input_type.fields = {{.name = "n", .type = number},
                                  {.name = "m", .type = number, .required = false, .default_value = 7}};
  Player good(MakeGraph({sub}));
  good.Accept({{"n", 1}});
  EXPECT_EQ(good.InputOf("sub.a"), Value({{"i", {{"m", 7}, {"n", 1}}}}));
  Player bad(MakeGraph({sub}));
  bad.Accept({{"n", "one"}});
  EXPECT_EQ(bad.state().error.code, Code::kInvalidArgument);
  EXPECT_THAT(bad.state().error.message, HasSubstr("the input of step 'sub'"));
  EXPECT_EQ(bad.state().error_path, "sub");
}

TEST(Subgraph, StepsInsideThatWaitForTokensAreServed) {
  graph::Graph graph = MakeGraph({Subgraph("sub", Value::object(), Body({Call("a", "writer"), Call("b", "writer")}))});
  graph.agents["writer"].max_tokens = 60;
  Player player(std::move(graph));
  player.Accept({}, 100);
  EXPECT_THAT(player.Running(), ElementsAre("sub.a"));
  player.Done("sub.a", nullptr, 10);
  EXPECT_THAT(player.Running(), ElementsAre("sub.b"));
}

TEST(Subgraph, PathsLeadInByNameAndNotByNumber) {
  const graph::Graph graph = MakeGraph({Subgraph("sub", Value::object(), Body({Call("a", "one")})), Call("b", "one"),
                                        Each("h", "p", "{{ input }}", Body({Call("c", "one")}))});
  EXPECT_EQ(FindStep(graph, "sub.a")->name, "a");
  EXPECT_EQ(FindStep(graph, "sub")->name, "sub");
  for (const char* wrong : {"sub[0].a", "sub[0]", "b.a", "h.c", "sub.b", "sub.", "sub..a"}) {
    EXPECT_EQ(FindStep(graph, wrong), nullptr) << wrong;
  }
}

}  // namespace
}  // namespace troupe::core::testing
