// Students and teachers: a step whose agent is unsure of its answer goes on with its teacher, by one further attempt on
// the same input. So do some of those whose agent is sure, as spot checks: they tell how often it is sure and wrong.
// Whether it does is decided when the answer comes in and is written down with it, so that folding asks nobody again.
// The teacher's answer is the step's; where the teacher fails, or may not be asked, the student's is.
#pragma once

#include <string>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

// How sure an answer says it is, from 0 to 1. One that does not say is not sure.
double ConfidenceOf(const Value& output, const std::string& field);

// Whether that agent's answer to the step is less sure than its rule asks for. Only the step's own agent has a teacher:
// what a fallback says stands.
bool IsUnsure(const graph::AgentStep& step, const std::string& agent, const Value& output);

// Whether a sure answer to that input is one of the share that is checked. Which ones follows from what the task was
// accepted with and from the step: another time, another place or another question is another draw, and deciding again
// gives the same.
bool IsDrawn(const TaskState& state, const std::string& path, const Value& input, double share);

}  // namespace troupe::core
