// Where a second try beside the first is no good, lint says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/graph/parse.h"

namespace troupe::graph {
namespace {

using testing::HasSubstr;

std::string Told(const std::string& agent, const std::vector<kind::Kind>* kinds = nullptr) {
  const std::string yaml = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: hedged}
spec:
  input: {text: string}
  agents:
    worker: {kind: scripted, echo: true)" +
                           agent + R"(}
    peer: {kind: scripted, echo: true}
  steps:
    a: {agent: worker, hedge: {}, input: {text: x}}
    b: {agent: peer, input: {text: "{{ steps.a.text }}"}}
  output: "{{ steps.b.text }}"
)";
  return ToString(ParseGraph({.yaml = yaml, .file_name = "hedged.yaml"}, {.kinds = kinds}).findings);
}

TEST(Hedge, IsFineForAnAgentWithSeveralReplicas) { EXPECT_EQ(Told(", replicas: {min: 2}"), ""); }

TEST(Hedge, IsRefusedWhereTheKindHasEffects) {
  kind::Kind with_effects = *kind::FindKind("scripted");
  with_effects.effects = true;
  const std::vector<kind::Kind> kinds = {with_effects};
  EXPECT_THAT(Told(", replicas: {min: 2}", &kinds),
              HasSubstr("hedged.yaml:10:31: error: agent 'worker' is of kind scripted, which has effects"));
}

TEST(Hedge, IsRefusedWhereTheAgentAsks) {
  EXPECT_THAT(Told(", replicas: {min: 2}, asks: {peer: {max: 1}}"), HasSubstr("two tries at once would both ask"));
}

TEST(Hedge, IsOfNoUseWithOneReplica) {
  EXPECT_THAT(Told(""), HasSubstr("hedged.yaml:10:31: warning: agent 'worker' has one replica"));
}

}  // namespace
}  // namespace troupe::graph
