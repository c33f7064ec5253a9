// A running task while it waits: for people, and for the moments at which time alone changes it.
#include <utility>

#include "router/gateway/task_runner.h"

namespace troupe::gateway {

void TaskRunner::RequestDecision(core::PersonDecided decided, std::function<void(Result<core::Question>)> done) {
  Post({.event = std::move(decided), .decision_done = std::move(done)});
}

bool TaskRunner::MayDecide(const Item& item) {
  const auto& decided = std::get<core::PersonDecided>(*item.event);
  Result<core::VerdictIs> verdict = core::VerdictIs::kNew;
  int64_t sequence = 0;
  {
    const std::lock_guard lock(state_mutex_);
    verdict = core::Examine(graph_.get(), state_, decided);
    sequence = state_.last_sequence;
  }
  if (verdict) return true;
  // It may be refused for what is not on disk yet: were that lost in a crash, the refusal would have been wrong.
  WhenDurable(sequence, [done = std::move(item.decision_done), why = std::move(verdict).error()](
                            const Status& durable) { done(durable ? why : durable.error()); });
  return false;
}

std::map<std::string, core::Question, std::less<>> TaskRunner::OpenQuestions() const {
  const int64_t durable = followers_.durable();
  const std::lock_guard lock(state_mutex_);
  std::map<std::string, core::Question, std::less<>> open;
  for (const auto& [path, question] : state_.questions) {
    if (question.open && question.sequence <= durable) open.emplace(path, question);
  }
  return open;
}

void TaskRunner::PlanAlarm() {
  std::optional<core::Alarm> next;
  {
    const std::lock_guard lock(state_mutex_);
    next = core::NextAlarm(state_);
  }
  // The event is made again when it goes off: of two that are due at one moment, either may have been dealt with.
  if (next && next->at_ms == alarm_ms_) return;
  if (alarm_.number != 0) world_.timers.Cancel(std::exchange(alarm_, {}));
  alarm_ms_ = next ? next->at_ms : 0;
  if (!next) return;
  alarm_ = world_.timers.After(next->at_ms - world_.clock.NowMs(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    std::optional<core::Alarm> due;
    {
      const std::lock_guard lock(self->state_mutex_);
      due = core::NextAlarm(self->state_);
    }
    if (due) self->Post({.event = std::move(due->event)});
  });
}

void TaskRunner::NoteResting(bool resting) {
  if (resting == resting_) return;
  resting_ = resting;
  world_.resting += resting ? 1 : -1;
}

}  // namespace troupe::gateway
