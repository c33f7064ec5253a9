#include "router/rehearsal/stand_in_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "router/graph/lint.h"
#include "tests/unit/rehearsal/shop.h"

namespace troupe::rehearsal {
namespace {

using ::testing::ElementsAre;

StandInGraph Make(const std::set<std::string>& stood_in) {
  const graph::Parsed shop = Shop();
  auto made = MakeStandInGraph(shop.source, *shop.graph, stood_in, "shop-t0");
  EXPECT_TRUE(made) << ToString(made.error());
  return made ? std::move(*made) : StandInGraph{};
}

std::vector<std::string> StepNames(const graph::Scope& scope) {
  std::vector<std::string> names;
  for (const graph::Step& step : scope.steps) names.push_back(step.name);
  return names;
}

TEST(StandInGraphTest, AgentsBecomeScriptedAndKeepWhatDispatchLooksAt) {
  // when
  const StandInGraph made = Make({"writer"});
  // then
  const graph::Agent& writer = made.graph->agents.at("writer");
  EXPECT_EQ(made.graph->name, "shop-t0");
  EXPECT_EQ(writer.kind->name, "scripted");
  EXPECT_EQ(writer.pool, "big");
  EXPECT_EQ(writer.slots, 3);
  EXPECT_EQ(writer.max_tokens, 90);
  EXPECT_EQ(writer.model, "");
  EXPECT_EQ(made.graph->agents.at("reader").kind->name, "embed");
  EXPECT_EQ(made.graph->agents.at("reader").model, "minilm");
  EXPECT_EQ(made.graph->input.fields.size(), 1u);
  EXPECT_EQ(made.graph->limits.time_ms, 60'000);
}

TEST(StandInGraphTest, AStepThatTakesATextApartAsksItsStandIn) {
  // when
  const graph::Step real = Make({"writer"}).graph->root.steps[0];
  const StandInGraph made = Make({"reader"});
  // then
  EXPECT_EQ(real.kind, graph::StepKind::kDecompose);
  EXPECT_THAT(StepNames(made.graph->root), ElementsAre("parts", "handle"));
  const graph::Step& parts = made.graph->root.steps[0];
  ASSERT_EQ(parts.kind, graph::StepKind::kAgent);
  EXPECT_EQ(parts.agent->agent, "reader");
  EXPECT_EQ(made.graph->root.steps[1].each->max, 4);
  EXPECT_EQ(made.graph->root.steps[1].on_error, graph::OnError::kKeep);
}

TEST(StandInGraphTest, ModelsThatNobodyUsesNeedNotBeThere) {
  // given: neither model is there
  const auto errors = [](const graph::Graph& graph) {
    const auto findings = graph::Lint(graph, graph::FilesMust::kExist);
    return std::count_if(findings.begin(), findings.end(),
                         [](const auto& finding) { return finding.severity == graph::Severity::kError; });
  };
  EXPECT_GT(errors(*Shop().graph), 0);
  // when
  const StandInGraph made = Make({"reader", "writer", "judge"});
  // then
  EXPECT_TRUE(made.graph->models.empty());
  EXPECT_EQ(errors(*made.graph), 0);
}

}  // namespace
}  // namespace troupe::rehearsal
