// Students and teachers: a step whose agent is unsure of its answer goes on with its teacher, by one further attempt on
// the same input. Whether it does is decided when the answer comes in and is written down with it, so that folding asks
// nobody again. The teacher's answer is the step's; where the teacher fails, or may not be asked, the student's is.
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

}  // namespace troupe::core
