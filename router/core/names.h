// What the expressions of one step can see: `input`, `steps.NAME` of its own scope and those around it, the variables
// of the `each` steps around it, and `previous`; inside of a graph that a step holds, nothing beyond that graph. Values stay where they are in the task's state; only what an
// expression refers to is copied, so that a large task is not written out again for every small condition.
#pragma once

#include <string>
#include <vector>

#include "router/core/place.h"
#include "router/core/task.h"

namespace troupe::core {

class Names {
 public:
  // Both must outlive it. For the names of a round itself (its output, `until`) `place` is the round.
  Names(const TaskState& state, const Place& place) : state_(state), place_(place) {}

  // The value of an expression; `what` begins the message of an error ("when of step 'a'").
  // Errors: INVALID_ARGUMENT naming the step, the place in the file and the reason.
  Result<Value> Evaluate(const graph::Expression& expression, std::string_view what) const;

  // The value with every expression in it evaluated.
  Result<Value> Render(const graph::ValueTemplate& value, std::string_view what) const;

 private:
  Result<Value> EvaluateText(const text::Template& text, const graph::Position& position, std::string_view what) const;
  Result<Value> RenderFile(const graph::ValueTemplate& value, std::string_view what) const;
  // The value that the first names of a path stand for, and how many names that took; null for an unknown one.
  const Value* FindRoot(const std::vector<std::string>& path, size_t* used) const;
  const Value* FindInput() const;
  const Value* FindStepOutput(const std::string& name) const;
  const Value* FindVariable(const std::string& name) const;
  // The whole path, where it leads somewhere; null otherwise.
  const Value* FindPlain(const std::vector<std::string>& path) const;
  // An object holding what `references` name and no more.
  Value Context(const std::vector<std::string>& references) const;
  void AddAllSteps(Value& steps) const;
  Error Explain(const Error& error, const graph::Position& position, std::string_view what) const;

  const TaskState& state_;
  const Place& place_;
};

// Jinja's truth: none, false, 0, "", [] and {} are false.
bool IsTrue(const Value& value);

}  // namespace troupe::core
