#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "router/graph/lint.h"
#include "router/graph/parse.h"
#include "router/graph/resolve.h"
#include "router/graph/worst_case.h"
#include "tests/support/places.h"

namespace troupe::graph {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const std::string kGood = SourcePath("tests/unit/graph/good/");

std::shared_ptr<const Graph> Load(const std::string& name) {
  Parsed parsed = LoadGraph(kGood + name, {.models_path = "/models"});
  EXPECT_EQ(ToString(parsed.findings), "");
  return parsed.graph;
}

TEST(GoodGraphs, OneAgentStepIsRead) {
  // when
  auto graph = Load("one-agent.yaml");
  // then
  ASSERT_NE(graph, nullptr);
  EXPECT_EQ(graph->name, "hello");
  EXPECT_EQ(graph->version.value.size(), 64u);
  EXPECT_EQ(graph->input.Find("message")->type.max_length, 8000);
  ASSERT_EQ(graph->root.steps.size(), 1u);
  const Step& reply = graph->root.steps[0];
  EXPECT_EQ(reply.name, "reply");
  EXPECT_EQ(reply.agent->agent, "writer");
  EXPECT_EQ(reply.agent->timeout_ms, 30'000);
  EXPECT_THAT(reply.waits_for, IsEmpty());
  EXPECT_NE(reply.output_type.Find("text"), nullptr);
  EXPECT_EQ(reply.agent->input.fields.at("prompt").text->source(), "{{ input.message }}");
  const Agent& writer = graph->agents.at("writer");
  EXPECT_EQ(writer.max_tokens, 64);
  EXPECT_EQ(writer.config["maxTokens"], 64);
  EXPECT_EQ(writer.config["repeatPenalty"], 1) << "defaults are filled in";
  EXPECT_EQ(graph->models.at("smollm2").path, kGood + "models/smollm2.gguf");
}

TEST(GoodGraphs, AChainWaitsInOrder) {
  auto graph = Load("chain.yaml");
  ASSERT_NE(graph, nullptr);
  ASSERT_EQ(graph->root.steps.size(), 3u);
  EXPECT_THAT(graph->root.steps[0].waits_for, IsEmpty());
  EXPECT_THAT(graph->root.steps[1].waits_for, ElementsAre(0));
  EXPECT_THAT(graph->root.steps[2].waits_for, ElementsAre(1));
}

TEST(GoodGraphs, ATextIsTakenApartInEveryWay) {
  // when
  auto graph = Load("decompose.yaml");
  // then each way gives parts of its own type
  ASSERT_NE(graph, nullptr);
  const std::vector<Step>& steps = graph->root.steps;
  EXPECT_EQ(ToString(steps[0].output_type), "[object {text: string, index: integer}]");
  EXPECT_EQ(ToString(steps[1].output_type), "[object {text: string, skill: string, score: number, index: integer}]");
  EXPECT_EQ(ToString(steps[2].output_type), "[object {text: string, index: integer, start: integer, end: integer}]");
  EXPECT_EQ(ToString(steps[3].output_type), "[object {text: string, skill: string, index: integer}]");
  EXPECT_EQ(steps[0].decompose->separator, ";");
  EXPECT_EQ(steps[0].decompose->agent, "") << "nobody is asked";
  EXPECT_EQ(steps[1].decompose->agent, "reader");
  EXPECT_EQ(steps[2].decompose->size, 2000);
  EXPECT_EQ(steps[2].decompose->overlap, 200);
  EXPECT_EQ(steps[3].decompose->skills.size(), 2u);
  // and only agents that are asked cost something: routed, plan twice, 40 windows
  EXPECT_EQ(WorstCaseOf(*graph).calls, 1 + 2 + 40);
  EXPECT_EQ(WorstCaseOf(*graph).tokens, 2 * 300);
}

TEST(GoodGraphs, AgentsAskTheirPeers) {
  // when
  auto graph = Load("asks.yaml");
  // then
  ASSERT_NE(graph, nullptr);
  EXPECT_THAT(graph->agents.at("writer").asks, ElementsAre(Pair("expert", 2)));
  EXPECT_EQ(graph->agents.at("writer").config["askPeer"], "expert");
  EXPECT_THAT(graph->agents.at("expert").asks, ElementsAre(Pair("clerk", 1), Pair("librarian", 3)));
  // a try costs 1 + 2 * (1 + 3 * 1 + 1) calls, and there are two
  EXPECT_EQ(WorstCaseOf(*graph).calls, 2 * 11);
  EXPECT_EQ(WorstCaseOf(*graph).tokens, 2 * (50 + 2 * (100 + 7)));
  EXPECT_EQ(WorstCaseOf(*graph).time_ms, 2 * 20'000 + 200) << "what it asks counts against its own time";
}

TEST(GoodGraphs, EverythingAtOnce) {
  // when
  auto graph = Load("full.yaml");
  // then
  ASSERT_NE(graph, nullptr);
  EXPECT_EQ(graph->limits.time_ms, 60'000);
  EXPECT_EQ(graph->models.at("smollm2").path, "/models/smollm2.gguf");
  EXPECT_THAT(graph->pools.at("small").gpus, ElementsAre("NVIDIA-L4", "NVIDIA-A10G"));
  EXPECT_THAT(graph->pools.at("big").gpus, ElementsAre("NVIDIA-H200"));
  EXPECT_EQ(graph->agents.at("writer").max_replicas, 8);
  EXPECT_EQ(graph->agents.at("writer").queue_limit, 16);
  ASSERT_EQ(graph->root.steps.size(), 4u);

  const Step& parts = graph->root.steps[0];
  ASSERT_TRUE(parts.decompose);
  ASSERT_EQ(parts.decompose->skills.size(), 2u);
  EXPECT_THAT(parts.decompose->skills[0].examples, ElementsAre("I was charged twice", "my bill is wrong"));
  EXPECT_EQ(ToString(parts.output_type), "[object {text: string, skill: string, score: number, index: integer}]");

  const Step& handle = graph->root.steps[1];
  EXPECT_THAT(handle.waits_for, ElementsAre(0));
  EXPECT_EQ(handle.on_error, OnError::kKeep);
  EXPECT_EQ(handle.each->parallel, 4);
  EXPECT_EQ(ToString(handle.output_type), "[object {answer: string, skill: string}]");
  EXPECT_TRUE(handle.output_type.item->nullable);
  EXPECT_FALSE(handle.output_type.nullable);

  const Step& facts = handle.each->body->steps[0];
  EXPECT_TRUE(facts.when);
  EXPECT_TRUE(facts.output_type.nullable);
  EXPECT_EQ(ToString(facts.output_type), "object {count: integer, order: string}");

  // a step inside of `answer` refers to `facts` beside it, so all of `answer` waits
  const Step& answer = handle.each->body->steps[1];
  EXPECT_THAT(answer.waits_for, ElementsAre(0));
  EXPECT_EQ(answer.repeat->on_exhausted, RepeatStep::OnExhausted::kKeep);
  const Step& draft = answer.repeat->body->steps[0];
  EXPECT_EQ(draft.agent->retry.max, 2);
  EXPECT_EQ(draft.agent->retry.backoff_ms, 500);
  EXPECT_EQ(draft.agent->fallback, "expert");
  EXPECT_EQ(draft.agent->input.fields.at("prompt").kind, ValueTemplate::Kind::kFile);
  EXPECT_THAT(answer.repeat->body->steps[1].waits_for, ElementsAre(0));

  const Step& greet = graph->root.steps[2];
  EXPECT_THAT(greet.waits_for, ElementsAre(0)) << "by after";
  EXPECT_TRUE(greet.output_type.nullable) << "kept on error";
  EXPECT_THAT(graph->root.steps[3].waits_for, ElementsAre(1, 2));
}

TEST(GoodGraphs, AStepMayWaitForAPerson) {
  auto graph = Load("approve.yaml");
  ASSERT_NE(graph, nullptr);
  EXPECT_TRUE(graph->asks_people);
  const Step& sign_off = graph->root.steps[1];
  ASSERT_TRUE(sign_off.approve);
  EXPECT_THAT(sign_off.waits_for, ElementsAre(0));
  EXPECT_EQ(sign_off.approve->timeout_ms, 3LL * 24 * 3600 * 1000);
  EXPECT_EQ(sign_off.approve->on_timeout, ApproveStep::OnTimeout::kFail);
  EXPECT_EQ(ToString(sign_off.output_type), "object {approved: boolean, by: string, note: string, time: string}");
  EXPECT_TRUE(sign_off.output_type.nullable) << "kept on error";
}

TEST(GoodGraphs, AGraphMayStandInAGraph) {
  // when
  auto graph = Load("subgraph.yaml");
  // then its steps are there, with the agents that are theirs: those that are the same are shared
  ASSERT_NE(graph, nullptr);
  const Step& triage = graph->root.steps[0];
  ASSERT_TRUE(triage.graph);
  EXPECT_EQ(triage.graph->file, "inner/triage.yaml");
  EXPECT_EQ(ToString(triage.output_type), "object {answer: any, more: boolean}");
  EXPECT_TRUE(triage.output_type.nullable);
  const Scope& inner = *triage.graph->body;
  EXPECT_EQ(inner.steps[0].agent->agent, "reader");
  EXPECT_EQ(inner.steps[1].agent->agent, "triage-writer");
  EXPECT_EQ(inner.steps[1].agent->input.fields.at("text").text->source(), "About {{ text }}");
  EXPECT_EQ(inner.steps[2].graph->body->steps[0].agent->agent, "triage-leaf-writer");
  EXPECT_THAT(graph->root.steps[1].waits_for, ElementsAre(0));
  std::vector<std::string> agents;
  for (const auto& [name, agent] : graph->agents) agents.push_back(name + " in " + agent.pool);
  EXPECT_THAT(agents,
              ElementsAre("reader in cpu", "triage-leaf-writer in ", "triage-writer in triage-here", "writer in cpu"));
  EXPECT_TRUE(graph->asks_people);
  EXPECT_EQ(graph->limits.tokens, 1000) << "the limits of the outermost graph are those that hold";
}

TEST(GoodGraphs, InnerFilesTravelWithTheGraphAndCountInItsVersion) {
  // given
  GraphSource source = LoadGraph(kGood + "subgraph.yaml").source;
  EXPECT_TRUE(source.files.contains("inner/ask.j2"));
  EXPECT_TRUE(source.files.contains("leaf.yaml"));
  source.base_path = "/nowhere";
  const Parsed sent = ParseGraph(source);
  ASSERT_NE(sent.graph, nullptr) << ToString(sent.findings);
  // when one of them changes, then it is another version
  for (const char* file : {"inner/ask.j2", "leaf.yaml", "inner/triage.yaml"}) {
    GraphSource changed = source;
    ASSERT_TRUE(changed.files.contains(file)) << file;
    changed.files[file] += "\n# changed\n";
    const Parsed parsed = ParseGraph(changed);
    ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
    EXPECT_NE(parsed.graph->version, sent.graph->version) << file;
  }
}

TEST(GoodGraphs, ExamplesAreCorrect) {
  for (const char* name : {"help-desk/help-desk.yaml", "ask-docs/ask-docs.yaml", "summarise/summarise.yaml"}) {
    Parsed parsed = LoadGraph(SourcePath("deploy/graphs/") + name);
    EXPECT_NE(parsed.graph, nullptr);
    EXPECT_EQ(ToString(parsed.findings), "");
  }
}

TEST(GoodGraphs, WhatWasReadParsesTheSameFromMemory) {
  // given
  Parsed from_disk = LoadGraph(kGood + "full.yaml");
  ASSERT_NE(from_disk.graph, nullptr);
  EXPECT_EQ(from_disk.source.files.size(), 5u);
  // when: on a machine without the files
  GraphSource sent = from_disk.source;
  sent.base_path = "/nowhere";
  sent.files["not-used.txt"] = "x";
  Parsed parsed = ParseGraph(sent);
  // then
  ASSERT_NE(parsed.graph, nullptr);
  EXPECT_EQ(parsed.graph->version, from_disk.graph->version);
  EXPECT_FALSE(parsed.source.files.contains("not-used.txt"));
}

TEST(GoodGraphs, TheVersionFollowsTheContent) {
  // given
  GraphSource source = LoadGraph(kGood + "full.yaml").source;
  const GraphVersion version = ParseGraph(source).graph->version;
  auto version_with = [&](auto change) {
    GraphSource changed = source;
    change(changed);
    Parsed parsed = ParseGraph(changed);
    EXPECT_EQ(ToString(parsed.findings), "");
    return parsed.graph ? parsed.graph->version : GraphVersion();
  };
  // then: comments and layout do not count, prompts and settings do
  EXPECT_EQ(version_with([](GraphSource& s) { s.yaml = "# another comment\n" + s.yaml + "\n\n"; }), version);
  EXPECT_NE(version_with([](GraphSource& s) { s.files["draft.j2"] += " "; }), version);
  EXPECT_NE(version_with([](GraphSource& s) { s.yaml.replace(s.yaml.find("timeout: 20s"), 12, "timeout: 21s"); }),
            version);
}

TEST(GoodGraphs, ALaterStepMayBeNamedAndAliasesWork) {
  // given: `first` stands before the step it needs; both share an input by a YAML alias
  GraphSource source{.yaml = R"(
apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: order}
spec:
  input: {text: string}
  agents: {echo: {kind: scripted, echo: true}}
  steps:
    first: {agent: echo, after: second, input: &same {text: "{{ input.text }}"}}
    second: {agent: echo, input: *same}
  output: ["{{ steps.first }}", "{{ steps.second }}"]
)",
                     .file_name = "order.yaml"};
  // when
  Parsed parsed = ParseGraph(source);
  // then
  EXPECT_EQ(ToString(parsed.findings), "");
  ASSERT_NE(parsed.graph, nullptr);
  EXPECT_THAT(parsed.graph->root.steps[0].waits_for, ElementsAre(1));
  EXPECT_EQ(parsed.graph->root.steps[1].agent->input.fields.at("text").text->source(), "{{ input.text }}");
}

TEST(Resolve, GivesEachAgentWhatItNeeds) {
  // when
  auto specs = Resolve(*Load("full.yaml"), Pins::kRelaxed);
  // then
  ASSERT_EQ(specs.size(), 5u);
  const AgentSpec& clerk = specs[0];
  EXPECT_EQ(clerk.agent, "clerk");
  EXPECT_EQ(clerk.graph, "help-desk");
  EXPECT_EQ(clerk.kind, "extract");
  EXPECT_EQ(clerk.model_path, "/models/smollm2.gguf");
  EXPECT_EQ(clerk.model_sha256.size(), 64u);
  EXPECT_THAT(clerk.gpus, ElementsAre("NVIDIA-L4", "NVIDIA-A10G"));
  EXPECT_EQ(clerk.pins, Pins::kRelaxed);
  EXPECT_THAT(clerk.config["schema"].get<std::string>(), testing::HasSubstr("\"order\""));
  const AgentSpec& judge = specs[2];
  EXPECT_EQ(judge.agent, "judge");
  EXPECT_THAT(judge.config["examples"].get<std::string>(), testing::StartsWith("text,label"));
  EXPECT_THAT(judge.gpus, IsEmpty());
}

}  // namespace
}  // namespace troupe::graph
