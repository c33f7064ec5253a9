// What the answer of a step is made of in the end, where it is kept for others or to learn from: which fields of the
// task's input, through however many steps. Lint says it, and refuses to share what is private. Pure; on a graph whose
// references are known to be good.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::graph {

struct Sources {
  // Of the outermost graph's input.
  std::set<std::string> fields;
  // Steps that it names itself.
  std::set<std::string> steps;
};

struct CachedStep {
  const CacheRule* rule = nullptr;
  Sources sources;
};

// By path without rounds: "handle.answer.draft".
std::map<std::string, CachedStep> CachedSteps(const Graph& graph);

struct TaughtStep {
  const AgentStep* step = nullptr;
  Sources sources;
};

// Those with a teacher, likewise.
std::map<std::string, TaughtStep> TaughtSteps(const Graph& graph);

// "input.question, input.user, by way of steps.facts", or "no field of the input".
std::string ToString(const Sources& sources);

// Those of these fields that are private, or hold something private.
std::vector<std::string> PrivateAmong(const Graph& graph, const std::set<std::string>& fields);

// One line for each cached step, and for the graph where it is cached: how long, whose, and what it depends on.
struct CacheNote {
  Position position;
  std::string text;
};
std::vector<CacheNote> CacheNotes(const Graph& graph);

}  // namespace troupe::graph
