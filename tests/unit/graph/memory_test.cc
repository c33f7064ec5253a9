// `memory` of an agent: from the file to the spec of its processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/graph/lint.h"
#include "router/graph/parse.h"
#include "router/graph/resolve.h"

namespace troupe::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kGib = int64_t{1} << 30;

// A graph whose agents are `agents`, each used once.
GraphSource Source(const std::string& agents, const std::string& steps) {
  return {.yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: cards}
spec:
  input: {text: string}
  models:
    m: {path: m.gguf}
  pools:
    small: {gpu: NVIDIA-L4}
    big: {gpu: NVIDIA-H200}
  agents:
)" + agents + "  steps:\n" +
                  steps + "  output: none\n",
          .file_name = "cards.yaml"};
}

TEST(Memory, IsOfEachProcessInWhicheverPoolItRuns) {
  // given
  const GraphSource source = Source(R"(    clerk: {kind: generate, model: m, pool: small, memory: 40%}
    idle: {kind: generate, model: m, pool: small}
    writer: {kind: generate, model: m, pool: small, spillTo: big, memory: 6GiB}
)",
                                    R"(    a: {agent: clerk, input: {prompt: x}}
    b: {agent: idle, input: {prompt: x}}
    c: {agent: writer, input: {prompt: x}}
)");
  // when
  const Parsed parsed = ParseGraph(source);
  // then
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  EXPECT_EQ(ToString(parsed.findings), "");
  std::vector<MemoryShare> shares;
  for (const AgentSpec& spec : Resolve(*parsed.graph)) shares.push_back(spec.memory);
  EXPECT_THAT(shares, ElementsAre(MemoryShare{.percent = 40}, MemoryShare{}, MemoryShare{.bytes = 6 * kGib},
                                  MemoryShare{.bytes = 6 * kGib}));
}

TEST(Memory, ThatNoModelUsesIsWarnedOf) {
  const Parsed parsed = ParseGraph(
      Source("    a: {kind: scripted, pool: small, memory: 1GiB}\n", "    a: {agent: a, input: {text: x}}\n"));
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  EXPECT_THAT(ToString(parsed.findings), HasSubstr("cards.yaml:12:46: warning: kind scripted loads no model"));
}

TEST(Memory, AgentsOfTwoGraphFilesThatDifferInItAreTwoAgents) {
  // given: the same agent in both files, but for its memory
  GraphSource source = Source("    a: {kind: generate, model: m, pool: small, memory: 40%}\n",
                              "    one: {agent: a, input: {prompt: x}}\n    two: {graph: inner.yaml}\n");
  const auto agents_with = [&](const std::string& memory) {
    source.files["inner.yaml"] = Source("    a: {kind: generate, model: m, pool: small, memory: " + memory + "}\n",
                                        "    one: {agent: a, input: {prompt: x}}\n")
                                     .yaml;
    const size_t input = source.files["inner.yaml"].find("{text: string}");
    source.files["inner.yaml"].replace(input, 14, "{}");
    const size_t name = source.files["inner.yaml"].find("name: cards");
    source.files["inner.yaml"].replace(name, 11, "name: inner");
    const Parsed parsed = ParseGraph(source);
    std::vector<std::string> names;
    EXPECT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
    if (!parsed.graph) return names;
    for (const auto& [agent, of] : parsed.graph->agents) names.push_back(agent + " " + ToString(of.memory));
    return names;
  };
  // when, then
  EXPECT_THAT(agents_with("40%"), ElementsAre("a 40%"));
  EXPECT_THAT(agents_with("60%"), ElementsAre("a 40%", "inner-a 60%"));
}

}  // namespace
}  // namespace troupe::graph
