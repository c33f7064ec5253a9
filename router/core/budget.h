// A task's limits: tokens, device time and money. One rule for all three: what an attempt may cost at most is set aside
// before it starts and given back when it ends, less what it really cost; an attempt for which not enough is left waits
// while others still hold some, and fails where nobody does. So steps side by side never cost more than the limit.
// Pure.
#pragma once

#include <string>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

// What one attempt of that agent, decided at that time, may cost at most, in what the task is limited in; 0 elsewhere.
// Errors: an attempt without an end, where device time is limited or costs money ("has no timeout, ...": the caller
// names the step). The task's deadline is an end, unless people are asked: it moves while they are.
Result<Amounts> MostOf(const graph::Graph& graph, const TaskState& state, const std::string& agent, int64_t timeout_ms,
                       UnixMs decided_ms);

// Of an attempt with a second try beside it.
Amounts Twice(const Amounts& most);

struct Room {
  enum class When {
    kNow,
    kLater,  // others may give some back
    kNever,
  } when = When::kNow;
  // "may generate 60 tokens, but of the task's limit of 100 only 50 are left; ...", unless it is kNow.
  std::string why;
};
Room RoomFor(const TaskState& state, const Amounts& wanted);

}  // namespace troupe::core
