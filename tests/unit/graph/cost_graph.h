// Graphs of one shape, for what is said of a graph's cost: two scripted agents, and the steps of a test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "router/graph/parse.h"

namespace troupe::graph {

inline std::string CostGraph(const std::string& steps, const std::string& limits = "") {
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

inline Parsed ParseGood(const std::string& yaml) {
  Parsed parsed = ParseGraph({.yaml = yaml, .file_name = "cost.yaml"});
  EXPECT_NE(parsed.graph, nullptr) << ToString(parsed.findings);
  return parsed;
}

}  // namespace troupe::graph
