#include "router/core/decider.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "router/core/apply.h"
#include "router/core/asks.h"
#include "router/core/names.h"
#include "runtime/base/check.h"

namespace troupe::core {

void Decider::Run() {
  TakeEvent();
  WorkOff();
  if (budget_was_freed_ && state_.budget_waiters.value != 0) ServeWaiters();
  RestartClock();
}

void Decider::TakeEvent() {
  const std::string* path = nullptr;
  if (const auto* cancel = std::get_if<CancelRequested>(&record_.event)) {
    EndTask(Cancelled(cancel->reason.empty() ? "cancelled by the client" : "cancelled: " + cancel->reason), "");
  } else if (std::holds_alternative<DeadlinePassed>(record_.event)) {
    EndTask({Code::kDeadlineExceeded, "the task's deadline passed; give it more time or fewer steps"}, "");
  } else if (std::holds_alternative<Accepted>(record_.event)) {
    state_.budget_waiters.value = 0;
    work_.push_back({What::kOpen, RootPlace(graph_)});
  } else if (const auto* done = std::get_if<StepDone>(&record_.event)) {
    path = &done->path;
  } else if (const auto* failed = std::get_if<StepFailed>(&record_.event)) {
    path = &failed->path;
  } else if (const auto* decided = std::get_if<PersonDecided>(&record_.event)) {
    path = &decided->path;
  } else if (const auto* expired = std::get_if<WaitExpired>(&record_.event)) {
    path = &expired->path;
  }
  if (const auto* asked = std::get_if<StepAsked>(&record_.event)) StartAsk(*asked);
  if (path == nullptr) return;
  StopAsks(*path);
  if (IsAsk(*path)) return EndAsk(*path);
  std::optional<Place> place = Locate(graph_, *path);
  if (!place || place->step == nullptr) {
    EndTask(Internal("this version of graph '" + graph_.name + "' has no such step; the task was begun on another"),
            *path);
    return;
  }
  if (const auto* decided = std::get_if<PersonDecided>(&record_.event)) return TakeVerdict(*place, *decided);
  if (std::holds_alternative<WaitExpired>(record_.event)) return TakeSilence(*place);
  NoteFreed(*Find(*path));
  if (std::holds_alternative<StepDone>(record_.event)) {
    if (!TurnToTeacher(*place)) work_.push_back({What::kEnded, std::move(*place)});
  } else {
    AfterFailure(*place, std::get<StepFailed>(record_.event).error.retry_after_ms);
  }
}

void Decider::WorkOff() {
  while (!work_.empty() && state_.status == TaskStatus::kRunning) {
    const Item item = std::move(work_.front());
    work_.pop_front();
    if (!IsAlive(item.place)) continue;
    switch (item.what) {
      case What::kBegin:
        Begin(item.place);
        break;
      case What::kEnded:
        AfterStep(item.place);
        break;
      case What::kOpen:
        OpenBody(item.place);
        break;
    }
  }
  work_.clear();
}

// Something earlier in the list may have closed or failed the scope since.
bool Decider::IsAlive(const Place& place) const {
  const std::string_view round = place.RoundPath();
  if (round.empty()) return true;
  const auto record = state_.steps.find(round);
  return record != state_.steps.end() && record->second.status == StepStatus::kRunning;
}

void Decider::OpenBody(const Place& round) {
  const auto& steps = round.scope().steps;
  if (steps.empty()) {
    CloseScope(round);
    return;
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].waits_for.empty()) work_.push_back({What::kBegin, round.Sibling(static_cast<int>(i))});
  }
}

void Decider::AfterStep(const Place& place) {
  const auto& steps = place.scope().steps;
  const std::string_view round = place.RoundPath();
  const int ended = round.empty() ? state_.ended_steps : Find(round)->ended_steps;
  if (ended == static_cast<int>(steps.size())) {
    Place scope{.path = std::string(round), .frames = place.frames};
    CloseScope(scope);
    return;
  }
  const auto has_ended = [&](int sibling) {
    const StepRecord* record = Find(place.SiblingPath(sibling));
    return record != nullptr && HasEndedWell(*record);
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto& waits_for = steps[i].waits_for;
    if (std::find(waits_for.begin(), waits_for.end(), place.index) == waits_for.end()) continue;
    if (std::all_of(waits_for.begin(), waits_for.end(), has_ended)) {
      work_.push_back({What::kBegin, place.Sibling(static_cast<int>(i))});
    }
  }
}

void Decider::CloseScope(const Place& round) {
  if (round.path.empty()) {
    FinishRoot();
    return;
  }
  Result<Value> output = Value();
  if (round.scope().output) output = Names(state_, round).Render(*round.scope().output, "the output");
  if (!output) {
    FailRound(round, output.error(), round.path);
  } else if (round.frames.back().holder->kind == graph::StepKind::kEach) {
    Emit(CompleteStep{round.path, std::move(*output)});
    ContinueEach(round.Holder());
  } else if (round.frames.back().holder->kind == graph::StepKind::kGraph) {
    Emit(CompleteStep{round.path, std::move(*output)});
    work_.push_back({What::kEnded, round.Holder()});
  } else {
    EndTurn(round, std::move(*output));
  }
}

void Decider::FinishRoot() {
  Result<Value> output = Value();
  const Place root = RootPlace(graph_);
  if (graph_.root.output) output = Names(state_, root).Render(*graph_.root.output, "the task's output");
  if (output) {
    Emit(FinishTask{std::move(*output)});
  } else {
    EndTask(output.error(), "");
  }
}

// The step has failed for good. Its onError says whether its scope goes on without it; an each's onError speaks of its
// items.
void Decider::Fail(Place place, const Error& error) {
  std::string origin = place.path;
  Propagate(std::move(place), error, std::move(origin));
}

void Decider::Propagate(Place place, Error error, std::string origin) {
  StopBelow(place.path);
  const bool tolerated = place.step->kind != graph::StepKind::kEach && place.step->on_error != graph::OnError::kFail;
  Emit(FailStep{place.path, error, tolerated});
  if (tolerated) {
    work_.push_back({What::kEnded, std::move(place)});
  } else if (place.frames.size() == 1) {
    EndTask(std::move(error), std::move(origin));
  } else {
    Place round{.path = std::string(place.RoundPath()), .frames = std::move(place.frames)};
    FailRound(round, error, origin);
  }
}

void Decider::FailRound(const Place& round, const Error& error, std::string_view origin) {
  // a graph is as its step is
  if (round.frames.back().holder->kind == graph::StepKind::kGraph) {
    return Propagate(round.Holder(), error, std::string(origin));
  }
  StopBelow(round.path);
  const graph::Step& holder = *round.frames.back().holder;
  const bool tolerated = holder.kind == graph::StepKind::kEach && holder.on_error != graph::OnError::kFail;
  Emit(FailStep{round.path, error, tolerated});
  if (tolerated) {
    ContinueEach(round.Holder());
  } else {
    Propagate(round.Holder(), error, std::string(origin));
  }
}

void Decider::EndTask(Error error, std::string origin) {
  StopBelow("");
  Emit(FailTask{std::move(error), std::move(origin)});
}

void Decider::StopBelow(std::string_view path) {
  std::vector<StopStep> stops;
  const auto [first, last] = RangeBelow(state_.steps, path);
  for (auto it = first; it != last; ++it) {
    if (const Attempt* attempt = OpenAttempt(it->second)) stops.push_back({it->first, attempt->attempt});
  }
  for (StopStep& stop : stops) {
    NoteFreed(*Find(stop.path));
    Emit(std::move(stop));
  }
}

void Decider::NoteFreed(const StepRecord& step) {
  if (step.attempts.back().reserved != Amounts()) budget_was_freed_ = true;
}

void Decider::Emit(Decision decision) {
  const Status applied = ApplyDecision(state_, decision, now_ms_);
  CHECK(applied.has_value());
  record_.decisions.push_back(std::move(decision));
}

StepRecord* Decider::Find(std::string_view path) {
  const auto found = state_.steps.find(path);
  return found == state_.steps.end() ? nullptr : &found->second;
}

}  // namespace troupe::core
