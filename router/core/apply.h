// The only code that changes a task's state: one event, one decision. Decide and Fold both go through it, so folding
// what was decided gives the very state that deciding gave. It needs no graph: a record says all there is to know.
#pragma once

#include <string_view>

#include "router/core/task.h"

namespace troupe::core {

// Errors: DATA_LOSS where the event does not follow on the state.
Status ApplyEvent(TaskState& state, const Event& event, UnixMs time_ms);

// Errors: DATA_LOSS where the decision does not follow on the state.
Status ApplyDecision(TaskState& state, const Decision& decision, UnixMs time_ms);

// The attempt under way at that step; null for none.
Attempt* OpenAttempt(StepRecord& record);
const Attempt* OpenAttempt(const StepRecord& record);

// Done, left out, or failed and tolerated: those that wait for it may start.
bool HasEndedWell(const StepRecord& record);

// The question that a step has put to a person and that is still open; null for none.
template <typename State>
auto* OpenQuestion(State& state, std::string_view path) {
  const auto found = state.questions.find(path);
  return found == state.questions.end() || !found->second.open ? nullptr : &found->second;
}

// Every record below a step ("handle[", or "triage." where it holds a graph) or a round ("handle[2].") in the sorted
// map: from first to before last.
template <typename Steps>
auto RangeBelow(Steps& steps, std::string_view path) {
  if (path.empty()) return std::pair(steps.begin(), steps.end());
  std::string prefix(path);
  prefix += '.';
  auto first = steps.lower_bound(prefix);
  const bool has_names = first != steps.end() && first->first.starts_with(prefix);
  if (!has_names && path.back() != ']') {
    prefix.back() = '[';
    first = steps.lower_bound(prefix);
  }
  ++prefix.back();  // the next prefix in byte order
  return std::pair(first, steps.lower_bound(prefix));
}

}  // namespace troupe::core
