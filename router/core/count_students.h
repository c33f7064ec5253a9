// What the students of a task did. Counted when it has ended, from its state alone, so that whoever counts again comes
// to the same. Pure.
#pragma once

#include "router/core/student_tally.h"
#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

StudentTally CountStudents(const graph::Graph& graph, const TaskState& state);

// Whether two outputs give the same answer: by the field that is the answer, else by all but the confidence.
bool AnswersAlike(const graph::TeachRule& rule, const Value& student, const Value& teacher);

}  // namespace troupe::core
