// Which answers are kept: what the graph says, and what lint says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/graph/lint.h"
#include "router/graph/sources.h"
#include "tests/unit/graph/cost_graph.h"

namespace troupe::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const AgentStep& StepOf(const Graph& graph, size_t index) { return *graph.root.steps[index].agent; }

TEST(Cache, TrueMeansADayAndEverybody) {
  // given
  const Parsed parsed = ParseGood(CostGraph(
      "    a: {agent: writer, cache: true, input: {text: x}}\n    b: {agent: writer, cache: false, input: {text: "
      "\"{{ steps.a.text }}\"}}\n  output: \"{{ steps.b }}\"\n"));
  // then
  ASSERT_TRUE(StepOf(*parsed.graph, 0).cache);
  EXPECT_EQ(StepOf(*parsed.graph, 0).cache->ttl_ms, 24 * 3600 * 1000);
  EXPECT_EQ(StepOf(*parsed.graph, 0).cache->stale_ms, 0);
  EXPECT_FALSE(StepOf(*parsed.graph, 0).cache->user);
  EXPECT_FALSE(StepOf(*parsed.graph, 1).cache);
  EXPECT_FALSE(parsed.graph->cache);
}

TEST(Cache, SaysHowLongWhoseAndByWhatMeaning) {
  // given
  const Parsed parsed = ParseGood(CostGraph(
      "    a: {agent: writer, cache: {ttl: 2h, stale: 30m, user: \"{{ input.list[0] }}\", semantic: {text: \"{{ "
      "input.text }}\", agent: expert, errorBound: 2.5%}}, input: {text: \"{{ input.text }}\"}}\n"
      "  output: \"{{ steps.a }}\"\n",
      "  cache: {ttl: 5m}\n"));
  // then
  const CacheRule& rule = *StepOf(*parsed.graph, 0).cache;
  EXPECT_EQ(rule.ttl_ms, 2 * 3600 * 1000);
  EXPECT_EQ(rule.stale_ms, 30 * 60 * 1000);
  EXPECT_TRUE(rule.user);
  ASSERT_TRUE(rule.semantic);
  EXPECT_EQ(rule.semantic->agent, "expert");
  EXPECT_DOUBLE_EQ(rule.semantic->error_bound, 0.025);
  EXPECT_EQ(parsed.graph->cache->ttl_ms, 5 * 60 * 1000);
}

TEST(Cache, WhoJudgesGoesByWhatTheAgentWrites) {
  // given
  const Parsed parsed = ParseGood(R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: judges}
spec:
  input: {text: string}
  models:
    small: {path: "models:small.gguf"}
    words: {path: "models:words"}
  pools: {cpu: {device: cpu}}
  agents:
    reader: {kind: embed, model: words, pool: cpu}
    writer: {kind: generate, model: small, pool: cpu}
    chooser: {kind: generate, model: small, pool: cpu, choices: [yes, no]}
    filler: {kind: generate, model: small, pool: cpu, schema: {type: object}}
    cutter: {kind: redact}
  steps:
    a: {agent: writer, cache: {semantic: {text: "{{ input.text }}", agent: reader}}, input: {prompt: "{{ input.text }}"}}
    b: {agent: chooser, cache: {semantic: {text: "{{ input.text }}", agent: reader}}, input: {prompt: "{{ input.text }}"}}
    c: {agent: filler, cache: {semantic: {text: "{{ input.text }}", agent: reader}}, input: {prompt: "{{ input.text }}"}}
    d: {agent: cutter, cache: {semantic: {text: "{{ input.text }}", agent: reader}}, input: {text: "{{ input.text }}"}}
    e: {agent: writer, cache: {semantic: {text: "{{ input.text }}", agent: reader, judge: people, threshold: 0.9}}, input: {prompt: "{{ input.text }}"}}
  output: "{{ steps.a.text }}{{ steps.b.text }}{{ steps.c.text }}{{ steps.d.text }}{{ steps.e.text }}"
)");
  ASSERT_NE(parsed.graph, nullptr);
  // then
  const auto semantic = [&](size_t step) { return *StepOf(*parsed.graph, step).cache->semantic; };
  EXPECT_EQ(semantic(0).judge, CacheRule::Judge::kAlike);
  EXPECT_DOUBLE_EQ(semantic(0).threshold, 0.95);
  EXPECT_EQ(semantic(1).judge, CacheRule::Judge::kEqual);
  EXPECT_EQ(semantic(2).judge, CacheRule::Judge::kEqual);
  EXPECT_EQ(semantic(3).judge, CacheRule::Judge::kEqual);
  EXPECT_EQ(semantic(4).judge, CacheRule::Judge::kPeople);
  EXPECT_DOUBLE_EQ(semantic(4).threshold, 0.9);
  EXPECT_THAT(ToString(Lint(*parsed.graph, FilesMust::kBeNamed)),
              HasSubstr("also given to questions that mean the same as input.text (judge: people)"));
}

TEST(Cache, WaitsForTheStepsThatItNames) {
  const Parsed parsed = ParseGood(
      CostGraph("    who: {agent: writer, input: {text: x}}\n    a: {agent: writer, cache: {user: \"{{ steps.who.text "
                "}}\"}, input: {text: x}}\n  output: \"{{ steps.a }}\"\n"));
  EXPECT_THAT(parsed.graph->root.steps[1].waits_for, ElementsAre(0));
}

TEST(Cache, AnotherRuleIsAnotherVersion) {
  const std::string step = "    a: {agent: writer, cache: {ttl: 1h}, input: {text: x}}\n  output: \"{{ steps.a }}\"\n";
  const std::string other = "    a: {agent: writer, cache: {ttl: 2h}, input: {text: x}}\n  output: \"{{ steps.a }}\"\n";
  EXPECT_NE(ParseGood(CostGraph(step)).graph->version, ParseGood(CostGraph(other)).graph->version);
}

TEST(Cache, LintSaysOnWhatItDepends) {
  // given: `b` depends on the text only by way of `a`
  const Parsed parsed =
      ParseGood(CostGraph("    a: {agent: writer, input: {text: \"{{ input.text }}\"}}\n"
                          "    b: {agent: writer, cache: {ttl: 1h, user: \"{{ input.list[0] }}\"}, input: {text: \"{{ "
                          "steps.a.text }}\"}}\n"
                          "    c: {agent: writer, cache: true, input: {text: x}}\n"
                          "  output: \"{{ steps.b }}{{ steps.c }}\"\n"));
  // when
  const std::string told = ToString(Lint(*parsed.graph, FilesMust::kBeNamed));
  // then
  EXPECT_THAT(told, HasSubstr("note: answers of step 'b' are kept for 3600s for each user apart (input.list[0]); they "
                              "depend on input.text, by way of steps.a"));
  EXPECT_THAT(told, HasSubstr("note: answers of step 'c' are kept for 1d and shared by everybody; they depend on no "
                              "field of the input"));
}

TEST(Cache, WhatGoesIntoAGraphInsideIsFollowedFieldByField) {
  // given: the graph inside keeps what it makes of one field and of another
  const std::string inner = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: inner}
spec:
  input: {topic: string, who: string}
  agents: {teller: {kind: scripted, echo: true}}
  steps:
    of_topic: {agent: teller, cache: true, input: {text: "{{ input.topic }}"}}
    of_who: {agent: teller, cache: true, input: {text: "{{ input.who }}"}}
  output: "{{ steps.of_topic.text }}{{ steps.of_who.text }}"
)";
  const std::string outer = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: outer}
spec:
  input: {question: string, customer: {type: string, private: true}}
  agents: {writer: {kind: scripted, echo: true}}
  steps:
    sub: {graph: inner.yaml, input: {topic: "{{ input.question }}", who: "{{ input.customer }}"}}
    say: {agent: writer, input: {text: "{{ steps.sub }}"}}
  output: "{{ steps.say.text }}"
)";
  // when
  const Parsed parsed = ParseGraph({.yaml = outer, .file_name = "outer.yaml", .files = {{"inner.yaml", inner}}});
  // then: alone the inner graph is good, and here its second step would share what is private
  EXPECT_EQ(parsed.graph, nullptr);
  EXPECT_THAT(ToString(parsed.findings), HasSubstr("inner.yaml:9:36: error: step 'sub.of_who' depends on what is "
                                                   "private in the input ('customer')"));
  EXPECT_EQ(parsed.findings.size(), 1u) << ToString(parsed.findings);
}

}  // namespace
}  // namespace troupe::graph
