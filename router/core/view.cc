#include "router/core/view.h"

#include <algorithm>
#include <utility>

#include "router/core/asks.h"
#include "router/core/place.h"

namespace troupe::core {
namespace {

AttemptView ViewAttempt(const Attempt& attempt) {
  return {.attempt = attempt.attempt,
          .agent = attempt.agent,
          .replica = attempt.site.replica,
          .reason = attempt.site.reason,
          .decided_ms = attempt.decided_ms,
          .sent_ms = attempt.site.sent_ms,
          .ended_ms = attempt.site.ended_ms,
          .queued_us = attempt.site.queued_us,
          .usage = attempt.usage,
          .error = attempt.error};
}

int DepthOf(std::string_view path) {
  int depth = 0;
  for (auto ask = SplitAsk(path); ask; ask = SplitAsk(path)) {
    path = ask->asker;
    ++depth;
  }
  return depth +
         static_cast<int>(std::count(path.begin(), path.end(), '.') + std::count(path.begin(), path.end(), '['));
}

StepView ViewStep(const std::string& path, const StepRecord& record) {
  StepView view{.path = path,
                .depth = DepthOf(path),
                .is_round = IsRound(path),
                .holds_steps = IsRound(path) || record.opened_rounds > 0,
                .status = record.status,
                .started_ms = record.started_ms,
                .ended_ms = record.ended_ms,
                .error = record.error,
                .tolerated = record.tolerated};
  if (!record.attempts.empty()) view.agent = record.attempts.back().agent;
  for (const Attempt& attempt : record.attempts) view.attempts.push_back(ViewAttempt(attempt));
  return view;
}

}  // namespace

std::vector<StepView> ViewSteps(const TaskState& state) {
  std::vector<std::pair<int, StepView>> ordered;
  ordered.reserve(state.steps.size());
  for (const auto& [path, record] : state.steps) ordered.emplace_back(record.order, ViewStep(path, record));
  std::sort(ordered.begin(), ordered.end(),
            [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<StepView> views;
  views.reserve(ordered.size());
  for (auto& [order, view] : ordered) views.push_back(std::move(view));
  return views;
}

std::string_view StatusName(StepStatus status) {
  switch (status) {
    case StepStatus::kWaiting:
      return "waiting";
    case StepStatus::kRunning:
      return "running";
    case StepStatus::kDone:
      return "done";
    case StepStatus::kSkipped:
      return "skipped";
    case StepStatus::kFailed:
      return "failed";
    case StepStatus::kStopped:
      return "stopped";
    case StepStatus::kWaitsForPerson:
      return "waits for a person";
  }
  return "unknown";
}

std::string_view StatusName(TaskStatus status) {
  switch (status) {
    case TaskStatus::kRunning:
      return "running";
    case TaskStatus::kDone:
      return "done";
    case TaskStatus::kFailed:
      return "failed";
    case TaskStatus::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace troupe::core
