// Which replica gets a step. Pure: the router and the simulation ask the same function.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace troupe::dispatch {

// A replica as the policy sees it.
struct Candidate {
  // Where in its agent's spillTo its pool stands, from 1; 0 for the agent's own pool.
  int spill = 0;
  // Answers, and takes new steps.
  bool ready = false;
  // This step was at this replica before and did not end there.
  bool tried = false;
  // Steps sent to it that have not ended.
  int in_flight = 0;
  // Steps it works on at once.
  int slots = 1;
  // Steps it takes in all: slots and its queue.
  int capacity = 1;
  // How much of the step's input its last ones began with, in blocks (runtime/base/prefix.h).
  int shared = 0;
};

struct Choice {
  size_t index = 0;
  // Why that one, for a person to read.
  std::string reason;
};

// The least busy replica (steps in flight per slot) that is ready and has room; or one that is hardly busier, would
// begin at once, and has worked on what begins like this step's input: the one with most in common. Pools that take
// what spills come only where none before them has any; within a pool one that this step has not been to comes before
// any that it has. Among equals `turn` decides, so that equal replicas get equal shares: hand in a number that grows by
// one with each choice. Nothing where no replica is ready or all are full.
std::optional<Choice> Choose(std::span<const Candidate> candidates, uint64_t turn);

}  // namespace troupe::dispatch
