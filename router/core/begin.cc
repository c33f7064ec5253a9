#include <algorithm>
#include <utility>

#include "router/core/apply.h"
#include "router/core/budget.h"
#include "router/core/decider.h"
#include "router/core/names.h"
#include "router/core/parts.h"
#include "router/core/retry.h"
#include "router/graph/outline.h"
#include "runtime/base/check.h"

namespace troupe::core {

void Decider::Begin(const Place& place) {
  // Two neighbours that end in one event both lead here; a step that waits for a budget has no record and is looked at
  // again.
  if (Find(place.path) != nullptr) return;
  const Result<bool> should_run = ShouldRun(place);
  if (!should_run) {
    Fail(place, should_run.error());
  } else if (!*should_run) {
    Emit(SkipStep{place.path});
    work_.push_back({What::kEnded, place});
  } else if (place.step->kind == graph::StepKind::kEach) {
    BeginEach(place);
  } else if (place.step->kind == graph::StepKind::kRepeat) {
    OpenRound(place, 0, Value(), 0);
  } else if (place.step->kind == graph::StepKind::kApprove) {
    Ask(place);
  } else if (place.step->kind == graph::StepKind::kGraph) {
    EnterGraph(place);
  } else {
    StartFirst(place);
  }
}

Result<bool> Decider::ShouldRun(const Place& place) {
  if (!place.step->when) return true;
  TRY_ASSIGN(const Value value, Names(state_, place).Evaluate(*place.step->when, "when"));
  return IsTrue(value);
}

void Decider::StartFirst(const Place& place) {
  const Names names(state_, place);
  if (place.step->kind == graph::StepKind::kAgent) {
    Result<Value> input = names.Render(place.step->agent->input, "the input");
    if (!input) return Fail(place, input.error());
    return StartAttempt(place, place.step->agent->agent, std::move(*input), 0);
  }
  const graph::DecomposeStep& decompose = *place.step->decompose;
  Result<Value> text = names.Evaluate(decompose.text, "the text");
  if (!text) return Fail(place, text.error());
  if (!text->is_string()) {
    return Fail(place, Invalid("the text of step '" + place.path + "' must be a string, got " + text->type_name()));
  }
  if (!decompose.agent.empty()) return StartAttempt(place, decompose.agent, Value{{"text", std::move(*text)}}, 0);
  Result<Value> parts = TakeApart(decompose, text->get_ref<const std::string&>());
  if (!parts) {
    return Fail(place, {parts.error().code, "step '" + place.path + "' " + parts.error().message});
  }
  Emit(CompleteStep{place.path, std::move(*parts)});
  work_.push_back({What::kEnded, place});
}

void Decider::AfterFailure(const Place& place, int64_t retry_after_ms) {
  if (FallBackOnStudent(place)) return;
  const StepRecord& record = *Find(place.path);
  const Attempt& last = record.attempts.back();
  const NextTry next = PlanNextTry(graph_, *place.step, record, retry_after_ms, now_ms_);
  if (!next.agent.empty()) {
    Value input = last.input;
    StartAttempt(place, next.agent, std::move(input), next.not_before_ms);
    return;
  }
  Error error = last.error;
  // CANCELLED as a task's end means that a client asked for it.
  if (error.code == Code::kCancelled) error.code = Code::kAborted;
  if (last.attempt > 1) error.message += " (attempt " + std::to_string(last.attempt) + ", the last)";
  Fail(place, error);
}

void Decider::StartAttempt(const Place& place, const std::string& agent, Value input, UnixMs not_before_ms) {
  const graph::Step& step = *place.step;
  const int64_t timeout_ms = graph::TimeoutOf(step);
  const Result<Amounts> wanted = MostOf(graph_, state_, agent, timeout_ms, now_ms_);
  if (!wanted) return Fail(place, {wanted.error().code, "step '" + place.path + "' " + wanted.error().message});
  // A second try only where there is room for both at once: nobody waits for the sake of it.
  const bool may_hedge = step.agent && step.agent->hedge_percent > 0 && agent == step.agent->agent &&
                         RoomFor(state_, Twice(*wanted)).when == Room::When::kNow;
  const Room room = RoomFor(state_, *wanted);
  if (room.when == Room::When::kLater) {
    state_.budget_waiters.value = std::max(state_.budget_waiters.value, 0) + 1;
    return;
  }
  if (room.when == Room::When::kNever) return Fail(place, Exhausted("step '" + place.path + "' " + room.why));
  EmitStart({.path = place.path,
             .agent = agent,
             .input = std::move(input),
             .not_before_ms = not_before_ms,
             .timeout_ms = timeout_ms,
             .reserved = may_hedge ? Twice(*wanted) : *wanted,
             .may_hedge = may_hedge});
}

void Decider::EmitStart(StartStep start) {
  const StepRecord* record = Find(start.path);
  start.attempt = record == nullptr ? 1 : static_cast<int>(record->attempts.size()) + 1;
  const auto agent = graph_.agents.find(start.agent);
  if (agent != graph_.agents.end()) start.price = agent->second.price;
  Emit(std::move(start));
}

void Decider::ServeWaiters() {
  while (budget_was_freed_ && state_.status == TaskStatus::kRunning) {
    budget_was_freed_ = false;
    state_.budget_waiters.value = 0;
    ServeWaitersIn(RootPlace(graph_));
    WorkOff();
  }
}

// Looks at every open scope for a step that could have begun and has not. Rare: only tasks with a limit come here, and
// only once something had to wait.
void Decider::ServeWaitersIn(const Place& round) {
  const auto& steps = round.scope().steps;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (state_.status != TaskStatus::kRunning || !IsAlive(round)) return;
    const Place place = round.Sibling(static_cast<int>(i));
    const StepRecord* record = Find(place.path);
    if (record == nullptr) {
      const auto has_ended = [&](int sibling) {
        const StepRecord* other = Find(place.SiblingPath(sibling));
        return other != nullptr && HasEndedWell(*other);
      };
      const auto& waits_for = steps[i].waits_for;
      if (std::all_of(waits_for.begin(), waits_for.end(), has_ended)) Begin(place);
    } else if (record->status == StepStatus::kRunning && steps[i].graph) {
      ServeWaitersIn(place.Inside());
    } else if (record->status == StepStatus::kRunning && graph::StepsInside(steps[i]) != nullptr) {
      std::vector<int> open;
      for (const auto& [index, item] : record->items) open.push_back(index);
      for (const int index : open) {
        if (state_.status == TaskStatus::kRunning) ServeWaitersIn(place.Round(index));
      }
    } else if (record->status == StepStatus::kRunning && OpenAttempt(*record) == nullptr) {
      AfterFailure(place, 0);
    }
  }
}

}  // namespace troupe::core
