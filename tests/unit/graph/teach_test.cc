// Who teaches whom: what the graph says, and what lint says of it.
#include "router/graph/teach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/graph/lint.h"
#include "router/graph/outline.h"
#include "router/graph/worst_case.h"
#include "tests/unit/graph/cost_graph.h"

namespace troupe::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string OneStep(const std::string& teach, const std::string& input = "input.question") {
  return R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: school}
spec:
  input:
    question: string
    customer: {fields: {phone: {type: string, private: true}}}
  agents:
    small: {kind: scripted, echo: true}
    big: {kind: scripted, echo: true}
  steps:
    facts: {agent: big, input: {text: "{{ )" +
         input + R"( }}"}}
    route: {agent: small, timeout: 2s, teach: )" +
         teach + R"(, input: {text: "{{ steps.facts.text }}"}}
  output: "{{ steps.route.text }}"
)";
}

const TeachRule& RuleOf(const Parsed& parsed) { return *parsed.graph->root.steps[1].agent->teach; }
std::string Told(const Parsed& parsed) { return ToString(Lint(*parsed.graph, FilesMust::kBeNamed)); }
bool Keeps(const Parsed& parsed) { return KeepsLessons(*parsed.graph, TaughtSteps(*parsed.graph).at("route")); }

TEST(Teach, SaysWhoBelowWhatAndHowLong) {
  const Parsed parsed = ParseGood(OneStep("{agent: big, below: 0.8, timeout: 5s}"));
  EXPECT_EQ(RuleOf(parsed).agent, "big");
  EXPECT_DOUBLE_EQ(RuleOf(parsed).below, 0.8);
  EXPECT_EQ(RuleOf(parsed).confidence, "score");
  EXPECT_EQ(RuleOf(parsed).timeout_ms, 5000);
  EXPECT_EQ(RuleOf(parsed).keep, TeachRule::Keep::kPublic);
  EXPECT_THAT(Details(parsed.graph->root.steps[1]), ElementsAre("2s · unsure below 0.8: big"));
  // and as long as the step's own attempts where it does not say
  EXPECT_EQ(RuleOf(ParseGood(OneStep("{agent: big, below: 0.8}"))).timeout_ms, 2000);
}

TEST(Teach, SaysWhichShareOfTheRestIsChecked) {
  const Parsed parsed = ParseGood(OneStep("{agent: big, below: 0.8, check: 2.5%}"));
  EXPECT_DOUBLE_EQ(RuleOf(parsed).check, 0.025);
  EXPECT_EQ(RuleOf(parsed).answer, "");
  EXPECT_THAT(Details(parsed.graph->root.steps[1]), ElementsAre("2s · unsure below 0.8: big · spot checks: 2.5%"));
  EXPECT_THAT(Told(parsed), HasSubstr("'big' is asked, and as a spot check for 2.5% of the rest; pairs of answers"));
  EXPECT_EQ(RuleOf(ParseGood(OneStep("{agent: big, below: 0.8}"))).check, 0.0);
}

TEST(Teach, LintSaysWhatIsKeptOfWhatDependsOnNothingPrivate) {
  const Parsed parsed = ParseGood(OneStep("{agent: big, below: 0.8}"));
  EXPECT_TRUE(Keeps(parsed));
  EXPECT_THAT(Told(parsed),
              HasSubstr("cost.yaml:13:47: note: where agent 'small' is unsure in step 'route' ('score' below 0.8), "
                        "'big' is asked; pairs of answers are kept to learn from; they depend on input.question, by "
                        "way of steps.facts"));
  // unless the graph says that nothing is
  const Parsed silent = ParseGood(OneStep("{agent: big, below: 0.8, keep: false}"));
  EXPECT_FALSE(Keeps(silent));
  EXPECT_THAT(Told(silent), HasSubstr("'big' is asked; pairs of answers are not kept\n"));
}

TEST(Teach, WhatDependsOnWhatIsPrivateIsKeptOnlyWhereTheGraphSaysSo) {
  const Parsed careful = ParseGood(OneStep("{agent: big, below: 0.8}", "input.customer.phone"));
  EXPECT_FALSE(Keeps(careful));
  EXPECT_THAT(Told(careful), HasSubstr("not kept, as they depend on what is private (input.customer); where it may be "
                                       "kept, say keepPrivate: true"));
  const Parsed told = ParseGood(OneStep("{agent: big, below: 0.8, keepPrivate: true}", "input.customer.phone"));
  EXPECT_TRUE(Keeps(told));
  EXPECT_THAT(Told(told), HasSubstr("kept to learn from, what is private in them (input.customer) too"));
}

TEST(Teach, ATeacherWithoutATimeoutIsWarnedOf) {
  std::string yaml = OneStep("{agent: big, below: 0.8}");
  yaml.replace(yaml.find("timeout: 2s, "), 13, "");
  EXPECT_THAT(ToString(ParseGood(yaml).findings), HasSubstr("warning: the teacher has no timeout"));
}

TEST(Teach, SpotChecksNeedATimeout) {
  std::string yaml = OneStep("{agent: big, below: 0.8, check: 2%}");
  yaml.replace(yaml.find("timeout: 2s, "), 13, "");
  const Parsed parsed = ParseGraph({.yaml = yaml, .file_name = "cost.yaml"});
  EXPECT_EQ(parsed.graph, nullptr);
  EXPECT_THAT(ToString(parsed.findings), HasSubstr("error: 'check' needs a 'timeout', in 'teach' or the step"));
  // the teacher's own will do
  ParseGood(yaml.replace(yaml.find("check: 2%"), 9, "check: 2%, timeout: 5s"));
}

TEST(Teach, TheWorstCaseCountsTheTeacherOrTheFallbackAndNeverBoth) {
  // given a step of 2 attempts at 100 tokens, and a teacher of 7
  const std::string step =
      "    a: {agent: writer, FALLBACK timeout: 1s, retry: {max: 1, backoff: 100ms}, teach: {agent: expert, below: "
      "0.5, "
      "timeout: 3s}, input: {text: x}}\n  output: \"{{ steps.a }}\"\n";
  const auto with = [&](const std::string& fallback) {
    std::string text = step;
    return WorstCaseOf(*ParseGood(CostGraph(text.replace(text.find("FALLBACK"), 8, fallback))).graph);
  };
  // then
  const WorstCase worst = with("");
  EXPECT_EQ(worst.calls, 3);
  EXPECT_EQ(worst.tokens, 207);
  EXPECT_EQ(worst.time_ms, 2 * 1000 + 100 + 3000);
  EXPECT_EQ(with("fallback: expert,"), worst);
}

TEST(Teach, InsideOfAGraphInsideTheTeacherIsThatGraphsOwn) {
  // given an inner graph whose agents are others than the outer one's of the same names
  std::string inner = OneStep("{agent: big, below: 0.8}");
  inner.replace(inner.find("small: {kind: scripted, echo: true"), 34, "small: {kind: scripted, echo: true, slots: 2");
  inner.replace(inner.find("big: {kind: scripted, echo: true"), 32, "big: {kind: scripted, echo: true, slots: 3");
  const std::string outer = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: outer}
spec:
  input: {text: {type: string, private: true}}
  agents: {big: {kind: scripted, echo: true}}
  steps:
    sub: {graph: inner.yaml, input: {question: "{{ input.text }}", customer: {phone: x}}}
    say: {agent: big, input: {text: "{{ steps.sub }}"}}
  output: "{{ steps.say.text }}"
)";
  // when
  const Parsed parsed = ParseGraph({.yaml = outer, .file_name = "outer.yaml", .files = {{"inner.yaml", inner}}});
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  // then
  EXPECT_EQ(parsed.graph->root.steps[0].graph->body->steps[1].agent->teach->agent, "school-big");
  // and what was not private inside is so here
  EXPECT_THAT(Told(parsed),
              HasSubstr("in step 'sub.route' ('score' below 0.8), 'school-big' is asked; pairs of answers "
                        "are not kept, as they depend on what is private (input.text)"));
}

}  // namespace
}  // namespace troupe::graph
