// Random graphs: every sort of step and every way of taking a text apart, nested, with conditions, retries, fallbacks,
// teachers, time limits and token limits, and agents that ask each other.
#pragma once

#include <string>
#include <vector>

#include "router/graph/graph.h"
#include "tests/sim/clockwork.h"

namespace troupe::sim {

// The agents that the graphs speak of.
const std::vector<std::string>& AgentNames();

// Takes {text: string, flag: boolean, parts: [{text, flag}]}.
graph::Graph MakeRandomGraph(Chance& chance, const std::string& name);
Value MakeRandomInput(Chance& chance);

}  // namespace troupe::sim
