// Steps that wait for a person (`approve`): what a decision meets, and at which moment nobody is waited for any more. Pure
// functions of a task's state; the steps themselves are the Decider's (people.cc).
//
// While any step waits for a person the task's clock stands still: its deadline does not pass, and moves by that time
// once nobody is waited for (MoveDeadline). So one timer a task is enough, for the next of the moments that NextAlarm
// gives.
#pragma once

#include <optional>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

enum class VerdictIs {
  kNew,   // the step waits for it
  kSame,  // it was taken before, in the same words
};

// What a person's decision would find. `graph` may be null for a task that has ended. Errors: NOT_FOUND for an unknown
// step; FAILED_PRECONDITION where the step does not wait, saying who decided otherwise and when.
Result<VerdictIs> Examine(const graph::Graph* graph, const TaskState& state, const PersonDecided& decided);

// The next moment at which time alone changes the task: an event to hand to Decide then. Nothing for a task that only
// waits for others, or has ended.
struct Alarm {
  UnixMs at_ms = 0;
  Event event;
};
std::optional<Alarm> NextAlarm(const TaskState& state);

}  // namespace troupe::core
