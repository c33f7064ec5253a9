#include "router/core/people.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "router/core/core.h"
#include "router/core/decider.h"
#include "router/core/names.h"

namespace troupe::core {
namespace {

// "2026-11-24T08:04:26Z"
std::string Iso8601(UnixMs time_ms) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

Value OutputOf(bool approved, const std::string& by, const std::string& note, UnixMs time_ms) {
  return {{"approved", approved}, {"by", by}, {"note", note}, {"time", Iso8601(time_ms)}};
}

Error NotWaiting(const std::string& path, const std::string& why) {
  return FailedPrecondition("step '" + path + "' does not wait for a person: " + why);
}

}  // namespace

void Decider::Ask(const Place& place) {
  const graph::ApproveStep& approve = *place.step->approve;
  const Names names(state_, place);
  Result<Value> ask = names.Render(approve.ask, "the question");
  if (!ask) return Fail(place, ask.error());
  if (!ask->is_string()) {
    return Fail(place, Invalid("the question of step '" + place.path + "' must be a text, got " + ask->type_name()));
  }
  Result<Value> show = Value();
  if (approve.show) show = names.Render(*approve.show, "what is shown");
  if (!show) return Fail(place, show.error());
  Emit(AskPerson{.path = place.path,
                 .ask = ask->get<std::string>(),
                 .show = std::move(*show),
                 .expires_ms = approve.timeout_ms == 0 ? 0 : now_ms_ + approve.timeout_ms});
}

void Decider::TakeVerdict(const Place& place, const PersonDecided& decided) {
  Emit(CompleteStep{place.path, OutputOf(decided.approved, decided.by, decided.note, now_ms_)});
  work_.push_back({What::kEnded, place});
}

void Decider::TakeSilence(const Place& place) {
  using OnTimeout = graph::ApproveStep::OnTimeout;
  const OnTimeout on_timeout = place.step->approve ? place.step->approve->on_timeout : OnTimeout::kFail;
  if (on_timeout == OnTimeout::kFail) {
    return Fail(place, {Code::kDeadlineExceeded, "nobody decided in time what step '" + place.path +
                                                     "' asks; give people more time, or say onTimeout: reject"});
  }
  const bool approved = on_timeout == OnTimeout::kApprove;
  Emit(CompleteStep{place.path, OutputOf(approved, "", "nobody decided in time", now_ms_)});
  work_.push_back({What::kEnded, place});
}

void Decider::RestartClock() {
  if (state_.clock_stopped_ms == 0 || state_.open_questions > 0 || state_.status != TaskStatus::kRunning) return;
  Emit(MoveDeadline{state_.deadline_ms + std::max<int64_t>(0, now_ms_ - state_.clock_stopped_ms)});
}

Result<VerdictIs> Examine(const graph::Graph* graph, const TaskState& state, const PersonDecided& decided) {
  const auto found = state.questions.find(decided.path);
  if (found != state.questions.end()) {
    const Question& question = found->second;
    if (question.open && state.status == TaskStatus::kRunning) return VerdictIs::kNew;
    if (!question.decided) {
      return NotWaiting(decided.path, "nobody decided in time or it was stopped, at " + Iso8601(question.ended_ms));
    }
    if (question.approved == decided.approved && question.by == decided.by && question.note == decided.note) {
      return VerdictIs::kSame;
    }
    return NotWaiting(decided.path, question.by + (question.approved ? " approved" : " rejected") + " it at " +
                                        Iso8601(question.ended_ms) +
                                        (question.note.empty() ? "" : " (" + question.note + ")"));
  }
  const auto record = state.steps.find(decided.path);
  const graph::Step* step = graph == nullptr || IsRound(decided.path) ? nullptr : FindStep(*graph, decided.path);
  if (record == state.steps.end() && step == nullptr) {
    return NotFound("the task has no step '" + decided.path + "'; 'troupe get' shows its steps");
  }
  if (step != nullptr && step->kind != graph::StepKind::kApprove) {
    return NotWaiting(decided.path, "it is no approve step");
  }
  return NotWaiting(decided.path, state.status == TaskStatus::kRunning && record == state.steps.end()
                                      ? "its turn has not come"
                                      : "it was left out, failed or stopped");
}

std::optional<Alarm> NextAlarm(const TaskState& state) {
  if (state.status != TaskStatus::kRunning || state.last_sequence == 0) return std::nullopt;
  if (state.open_questions == 0) {
    if (state.deadline_ms == 0) return std::nullopt;
    return Alarm{state.deadline_ms, DeadlinePassed{}};
  }
  std::optional<Alarm> next;
  for (const auto& [path, question] : state.questions) {
    if (!question.open || question.expires_ms == 0) continue;
    if (!next || question.expires_ms < next->at_ms) next = Alarm{question.expires_ms, WaitExpired{path}};
  }
  return next;
}

}  // namespace troupe::core
