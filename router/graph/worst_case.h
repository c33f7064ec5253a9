// What a task of a graph can cost at most, known before anything runs: every loop has a max. Pure.
#pragma once

#include <cstdint>

#include "router/graph/graph.h"

namespace troupe::graph {

// What a task can cost at most. Retries, fallbacks, teachers, every item of an each and every turn of a repeat are
// counted in.
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
  // Device time; the graph's limit where that is less; 0 where a step without a timeout makes it endless.
  int64_t device_us = 0;
  // Millionths of the currency's unit; likewise, and 0 where nothing costs any.
  int64_t money = 0;

  bool operator==(const WorstCase&) const = default;
};

WorstCase WorstCaseOf(const Graph& graph);

// Money that one call of that agent may cost at most, in whatever pool it is done.
int64_t MostCostOf(const Agent& agent, int64_t device_us);
// Whether its device time costs money in some pool.
bool HasDevicePrice(const Agent& agent);

}  // namespace troupe::graph
