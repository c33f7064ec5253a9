// What a proved graph can cost at most, and what about it may not be meant. Pure but for looking whether model files
// are there; called by lint, apply and up.
#pragma once

#include <cstdint>
#include <vector>

#include "router/graph/graph.h"
#include "router/graph/parse.h"

namespace troupe::graph {

// What a task can cost at most. Retries, fallbacks, every item of an each and every turn of a repeat are counted in.
struct WorstCase {
  // Calls to agents.
  int64_t calls = 0;
  // Generated tokens; the graph's limit where that is less.
  int64_t tokens = 0;
  // The longest chain of timeouts and pauses, or the graph's limit where that is less; 0 where a step without a timeout
  // in a graph without a limit makes it endless.
  int64_t time_ms = 0;
  // Times that a person is waited for; that time is in none of the others.
  int64_t approvals = 0;

  bool operator==(const WorstCase&) const = default;
};

WorstCase WorstCaseOf(const Graph& graph);

// `up` starts agents and so needs their files; lint and apply may run where the agents do not.
enum class FilesMust { kBeNamed, kExist };

// Models and folders that are not there (errors with kExist, else warnings; notes for models yet to be pulled), steps
// that nobody hears, limits below what the steps may take. In the order of the file.
std::vector<Finding> Lint(const Graph& graph, FilesMust files);

}  // namespace troupe::graph
