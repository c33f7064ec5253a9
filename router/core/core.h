// The pure core: (graph, state, event) -> decisions. Deterministic, no clock, no IO, no lock, no randomness: whoever
// calls it passes the time in. The router, recovery and the simulation are shells around these two functions.
//
// Use: the shell takes an event in, calls Decide, queues the record it returns for the journal, and carries its
// decisions out. Recovery calls Fold for each record in order; it decides nothing again, so a new release cannot change
// a task's past. Not thread-safe per task: one task's state belongs to one thread at a time.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

// Puts one record's event and decisions into the state. Errors: DATA_LOSS where the record does not follow on the state
// (sequence gap, unknown step), so that a broken journal is seen and not guessed around.
Status Fold(TaskState& state, const Record& record);

// Decides on an event and folds the result into the state. The record has no decisions where there is nothing to do.
// Stale events (a step that has ended, another attempt, a task that has ended, a question that asks.h answers without
// asking anyone) give no record: nothing is written for them.
std::optional<Record> Decide(const graph::Graph& graph, TaskState& state, Event event, UnixMs now_ms);

// Every attempt that has been started and has not ended: what a shell must carry out after recovery. In the order
// decided.
struct Pending {
  std::string path;
  const Attempt* attempt = nullptr;
  const std::string* committed_text = nullptr;
};
std::vector<Pending> PendingWork(const TaskState& state);

// What is left of the pause before an attempt. Never more than was decided: the clock may have been set back since.
int64_t PauseLeftMs(const Attempt& attempt, UnixMs now_ms);

// The step of the graph that a path names, without its round numbers: "handle[2].facts" is root.handle.facts. Null for
// none, and for questions to a peer.
const graph::Step* FindStep(const graph::Graph& graph, std::string_view path);

}  // namespace troupe::core
