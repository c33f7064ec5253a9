// What is asked of steps of every kind, and what the drawings say of them, whatever they draw with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::graph {

// The steps inside of a step; null where there are none.
const Scope* StepsInside(const Step& step);

// "writer · generate · asks expert", "a person approves · 3d, then rejected", "each part · at most 8 · 4 at a time",
// "repeat · at most 2", "graph triage".
std::string Summary(const Graph& graph, const Step& step);

// "when part.skill == 'billing'", "until ...", "20s · 2 retries · else expert": one line each, most telling first.
std::vector<std::string> Details(const Step& step);

// The agent whose work the step is; empty for steps that hold steps.
std::string AgentOf(const Step& step);

// The limit of one try of that work, in milliseconds; 0 for none.
int64_t TimeoutOf(const Step& step);

// "part.skill == 'billing'": the expression without its braces.
std::string Bare(const Expression& expression);

// "1d", "90s", "20ms".
std::string ShortTime(int64_t ms);

// Indexes of the steps that the scope's output names.
std::vector<int> OutputSteps(const Scope& scope);

}  // namespace troupe::graph
