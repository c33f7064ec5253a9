// What a step with a cache asks, as its task's runner asks it, and as `troupe cache explain` wants to know it before
// there is a task. Pure.
#pragma once

#include <memory>
#include <string>

#include "router/answers/answers.h"
#include "router/core/task.h"

namespace troupe::gateway {

// "handle[2].answer" as "handle.answer".
std::string WithoutRounds(const std::string& path);

// Whose an answer is, as canonical JSON: a whole number or a text; empty for anything else.
std::string UserOf(const Result<Value>& user);

// What the step at `path` needs beside its order, in a task that stands so.
answers::StepJob JobOf(const std::shared_ptr<const graph::Graph>& graph, const graph::CacheRule& rule,
                       const std::string& path, const core::TaskState& state);

// What a task of the graph asks, which may cost at most that.
answers::GraphQuestion QuestionOf(const graph::Graph& graph, const Value& input, const core::Amounts& limits);

// A task's input, checked. Errors: INVALID_ARGUMENT naming the field.
Result<Value> InputOf(const graph::Graph& graph, const std::string& input_json);

// What a step would ask in a new task. Errors: NOT_FOUND for the step; FAILED_PRECONDITION where its answers are not
// kept, or its input depends on other steps.
struct StepQuestion {
  dispatch::StepOrder order;
  answers::StepJob job;
};
Result<StepQuestion> QuestionOf(const std::shared_ptr<const graph::Graph>& graph, const std::string& step,
                                const Value& input);

}  // namespace troupe::gateway
