#include "router/graph/worst_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/graph/lint.h"
#include "tests/support/places.h"
#include "tests/unit/graph/cost_graph.h"

namespace troupe::graph {
namespace {

using testing::HasSubstr;

const std::string kGood = SourcePath("tests/unit/graph/good/");

TEST(WorstCase, CountsRetriesFallbacksTurnsAndItems) {
  // given: (3 attempts + 1 fallback) x 2 turns x 5 items, 3 items at a time
  auto parsed = ParseGood(CostGraph(R"(    all:
      each: {item: "{{ input.list }}", max: 5, parallel: 3}
      steps:
        again:
          repeat: {until: "{{ steps.try.ok }}", max: 2}
          steps:
            try: {agent: writer, fallback: expert, timeout: 1s, retry: {max: 2, backoff: 100ms}, input: {text: "{{ item }}"}}
          output: "{{ steps.try.text }}"
      output: "{{ steps.again }}"
  output: "{{ steps.all }}"
)"));
  // when
  WorstCase worst = WorstCaseOf(*parsed.graph);
  // then: a turn takes 4 timeouts and pauses of 100 and 200 ms; two turns; two rounds of items
  EXPECT_EQ(worst.calls, 4 * 2 * 5);
  EXPECT_EQ(worst.tokens, (3 * 100 + 7) * 2 * 5);
  EXPECT_EQ(worst.time_ms, (4 * 1000 + 300) * 2 * 2);
}

TEST(WorstCase, TimeIsThatOfTheLongestChain) {
  auto parsed = ParseGood(CostGraph(R"(    a: {agent: writer, timeout: 1s, input: {text: x}}
    b: {agent: writer, timeout: 2s, input: {text: x}}
    c: {agent: writer, timeout: 4s, input: {text: "{{ steps.a.text }}"}}
  output: ["{{ steps.b }}", "{{ steps.c }}"]
)"));
  EXPECT_EQ(WorstCaseOf(*parsed.graph).time_ms, 5000);
}

TEST(WorstCase, LimitsCapItAndWithoutTimeoutOrLimitItIsEndless) {
  const std::string steps = "    a: {agent: writer, input: {text: x}}\n  output: \"{{ steps.a }}\"\n";
  EXPECT_EQ(WorstCaseOf(*ParseGood(CostGraph(steps)).graph), (WorstCase{.calls = 1, .tokens = 100}));
  EXPECT_EQ(WorstCaseOf(*ParseGood(CostGraph(steps, "  limits: {time: 9s, tokens: 50}\n")).graph),
            (WorstCase{.calls = 1, .tokens = 50, .time_ms = 9000}));
}

TEST(WorstCase, TimeThatPeopleTakeIsInNoneOfIt) {
  auto parsed = LoadGraph(kGood + "approve.yaml");
  ASSERT_NE(parsed.graph, nullptr);
  EXPECT_EQ(WorstCaseOf(*parsed.graph),
            (WorstCase{.calls = 2, .time_ms = 3000, .approvals = 1, .device_us = 3'000'000}));
}

TEST(WorstCase, CountsWhatStandsInsideOfGraphs) {
  auto parsed = LoadGraph(kGood + "subgraph.yaml");
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  // twice triage (2 s, 3 s, then 4 s in its leaf), one after the other, then two steps of 1 s
  EXPECT_EQ(WorstCaseOf(*parsed.graph), (WorstCase{.calls = 2 * 3 + 2,
                                                   .tokens = 2 * (7 + 3) + 50,
                                                   .time_ms = 2 * 9000 + 2000,
                                                   .approvals = 2,
                                                   .device_us = (2 * 9000 + 2000) * 1000}));
  EXPECT_EQ(ToString(Lint(*parsed.graph, FilesMust::kExist)), "");
}

TEST(WorstCase, DeviceTimeAndMoneyAreCountedAndCappedByTheLimits) {
  // given one step of 2 attempts and one of a dearer agent: 2 x (100 x 0.00002 + 3 s x 0.0001) + 7 x 0.001
  const auto graph = [](const std::string& limits) {
    return R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: cost}
spec:
  input: {text: string}
  limits: )" +
           limits +
           R"(
  pools: {cpu: {device: cpu, price: {deviceSecond: 0.0001, token: 0.00002}}}
  agents:
    writer: {kind: scripted, pool: cpu, echo: true, maxTokens: 100}
    expert: {kind: scripted, pool: cpu, echo: true, maxTokens: 7, price: {token: 0.001}}
  steps:
    a: {agent: writer, timeout: 3s, retry: {max: 1}, input: {text: x}}
    b: {agent: expert, timeout: 1s, input: {text: "{{ steps.a.text }}"}}
  output: "{{ steps.b.text }}"
)";
  };
  auto free = ParseGood(graph("{time: 60s}"));
  EXPECT_EQ(free.graph->limits.priority, 5);
  EXPECT_EQ(WorstCaseOf(*free.graph).device_us, 7'000'000);
  EXPECT_EQ(WorstCaseOf(*free.graph).money, 2 * (2000 + 300) + 7000);
  auto limited = ParseGood(graph("{deviceSeconds: 5.5, money: 0.01, priority: 8}"));
  EXPECT_EQ(limited.graph->limits.priority, 8);
  EXPECT_EQ(WorstCaseOf(*limited.graph).device_us, 5'500'000);
  EXPECT_EQ(WorstCaseOf(*limited.graph).money, 10'000);
  EXPECT_THAT(
      ToString(Lint(*ParseGood(graph("{deviceSeconds: 2, money: 0.004}")).graph, FilesMust::kExist)),
      testing::AllOf(HasSubstr("one call of step 'a' may cost 3 s of device time, more than the task's limit of 2 s"),
                     HasSubstr("one call of step 'b' may cost 0.007, more than the task's limit of 0.004")));
}

TEST(WorstCase, CountsSecondTriesAndTheDearestPool) {
  // given 3 attempts of two tries each and a fallback, in a pool or a dearer one
  auto parsed = ParseGood(R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: cost}
spec:
  input: {text: string}
  pools:
    cpu: {device: cpu, price: {token: 0.00002}}
    big: {gpu: NVIDIA-H200, price: {deviceSecond: 0.01}}
  agents:
    writer: {kind: scripted, pool: cpu, spillTo: big, replicas: {min: 2}, echo: true, maxTokens: 100}
    expert: {kind: scripted, pool: cpu, echo: true, maxTokens: 7}
  steps:
    a: {agent: writer, fallback: expert, timeout: 1s, retry: {max: 2, backoff: 1ms}, hedge: {}, input: {text: x}}
  output: "{{ steps.a.text }}"
)");
  const WorstCase worst = WorstCaseOf(*parsed.graph);
  EXPECT_EQ(worst.calls, 3 * 2 + 1);
  EXPECT_EQ(worst.tokens, 3 * 2 * 100 + 7);
  EXPECT_EQ(worst.time_ms, 4 * 1000 + 3) << "side by side";
  EXPECT_EQ(worst.device_us, 7 * 1'000'000);
  EXPECT_EQ(worst.money, 3 * 2 * 10'000 + 140);
  EXPECT_EQ(parsed.graph->root.steps[0].agent->hedge_percent, 5);
}

TEST(WorstCase, HugeNumbersDoNotOverflow) {
  std::string steps = R"(    all:
      each: {a: "{{ input.list }}", max: 10000}
      steps:
        more:
          each: {b: "{{ input.list }}", max: 10000}
          steps: {try: {agent: writer, timeout: 720h, retry: {max: 20}, input: {text: x}}}
          output: "{{ steps.try.text }}"
      output: "{{ steps.more }}"
  output: "{{ steps.all }}"
)";
  WorstCase worst = WorstCaseOf(*ParseGood(CostGraph(steps)).graph);
  EXPECT_EQ(worst.calls, 2'100'000'000);
  EXPECT_GT(worst.time_ms, 0);
}

}  // namespace
}  // namespace troupe::graph
