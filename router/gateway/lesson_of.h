// The lesson in a record, where a teacher has answered in it and its graph says that such are kept. Pure.
#pragma once

#include <optional>

#include "router/core/task.h"
#include "router/graph/graph.h"
#include "router/lessons/lesson.h"

namespace troupe::gateway {

// `state` is the task's after the record. The task's id is left to the caller.
std::optional<lessons::Lesson> LessonOf(const graph::Graph& graph, const core::TaskState& state,
                                        const core::Record& record);

}  // namespace troupe::gateway
