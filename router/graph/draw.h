// Pictures of a graph and of a task's course: DOT and Mermaid for other tools, SVG drawn here without any. Pure
// functions of their arguments; the same input gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::graph {

// Graphviz (graphviz.org/doc/info/lang.html): steps that hold steps are clusters.
std::string ToDot(const Graph& graph);

// Mermaid flowchart (mermaid.js.org/syntax/flowchart.html).
std::string ToMermaid(const Graph& graph);

// SVG 1.1, self-contained: steps in layers from top to bottom, steps that hold steps as boxes, agents with their kind
// and pool, and what hears whom as arrows.
std::string ToSvg(const Graph& graph);

// One piece of a task's work.
struct TimelineRow {
  // "handle[2].answer[0].draft"
  std::string path;
  // Empty for steps that hold steps.
  std::string agent;
  std::string replica;
  // Milliseconds since the task was accepted; end_ms at least start_ms.
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  // From 1; rows of the same path are its further attempts.
  int attempt = 1;
  enum class State { kDone, kRunning, kFailed, kStopped, kSkipped, kAsking } state = State::kDone;
  // A person decides; `replica` says who.
  bool by_person = false;
  int64_t generated_tokens = 0;
};

// A task's rows in the order given, time from left to right, one colour for each agent.
std::string TimelineSvg(const std::string& title, const std::vector<TimelineRow>& rows);

}  // namespace troupe::graph
