// The graph as it is rehearsed: a copy whose agents are stood in for by scripted ones, under a name of its own. Pure.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "router/graph/parse.h"

namespace troupe::rehearsal {

struct StandInGraph {
  graph::GraphSource source;
  // The same, parsed.
  std::shared_ptr<const graph::Graph> graph;
};

// `source` is a graph that lints. An agent that is stood in for keeps what dispatch looks at (pool, slots, limits of
// tokens); steps that take a text apart with it ask it for the parts themselves. Errors: INTERNAL where the copy does
// not parse.
Result<StandInGraph> MakeStandInGraph(const graph::GraphSource& source, const graph::Graph& graph,
                                      const std::set<std::string>& stood_in, const std::string& name);

}  // namespace troupe::rehearsal
