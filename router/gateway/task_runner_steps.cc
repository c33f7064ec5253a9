// A running task's attempts: started at once or after a pause, sent on their way to agents, stopped.
#include <algorithm>
#include <utility>

#include "router/answers/words.h"
#include "router/gateway/cache_question.h"
#include "router/gateway/lesson_of.h"
#include "router/gateway/task_runner.h"

namespace troupe::gateway {
void TaskRunner::StartPending() {
  std::vector<std::pair<core::StartStep, std::string>> starts;
  {
    const std::lock_guard lock(state_mutex_);
    const UnixMs now_ms = world_.clock.NowMs();
    for (const core::Pending& work : core::PendingWork(state_)) {
      if (calls_.contains(work.path)) continue;
      const core::Attempt& attempt = *work.attempt;
      starts.emplace_back(core::StartStep{.path = work.path,
                                          .attempt = attempt.attempt,
                                          .agent = attempt.agent,
                                          .input = attempt.input,
                                          .not_before_ms = now_ms + core::PauseLeftMs(attempt, now_ms),
                                          .timeout_ms = attempt.timeout_ms,
                                          .reserved = attempt.reserved,
                                          .price = attempt.price,
                                          .may_hedge = attempt.may_hedge},
                          *work.committed_text);
    }
  }
  for (auto& [start, committed] : starts) {
    if (!committed.empty()) text_.MarkRecorded(start.path, start.attempt);
    StartStep(start, committed, "");
  }
  NoteResting(calls_.empty() && !OpenQuestions().empty());
}

void TaskRunner::StartStep(core::StartStep& start, const std::string& committed_text, std::string input_json) {
  const int64_t pause_ms = start.not_before_ms == 0 ? 0 : start.not_before_ms - world_.clock.NowMs();
  if (pause_ms <= 0) return Send(start, committed_text, std::move(input_json));
  Call& call = calls_[start.path];
  call = {.attempt = start.attempt};
  call.pause = world_.timers.After(pause_ms, [weak = weak_from_this(), path = start.path, attempt = start.attempt] {
    if (const auto self = weak.lock()) self->Post({.due_path = path, .due_attempt = attempt});
  });
  call.paused = std::move(start);
}

int64_t TaskRunner::TimeLimit(const core::StartStep& start) const {
  // Where people are asked the deadline may move while the step is at work; once it passes the step is stopped anyway.
  if (state_.deadline_ms == 0 || graph_->asks_people) return start.timeout_ms;
  // A little more than the task has left: the task's own deadline is to come first.
  const int64_t left_ms = std::max<int64_t>(1, state_.deadline_ms - world_.clock.NowMs()) + 100;
  return start.timeout_ms == 0 ? left_ms : std::min(start.timeout_ms, left_ms);
}

graph::Price TaskRunner::PriceIn(const core::WorkSite& site) const {
  const auto agent = graph_->agents.find(site.agent);
  if (agent == graph_->agents.end()) return {};
  const auto spill = static_cast<size_t>(site.spill);
  // a list of replicas may name pools that this version of the graph no longer has
  return spill <= agent->second.spill_to.size() ? agent->second.spill_to[spill - 1].price : agent->second.price;
}

std::set<std::string> TaskRunner::ReplicasTried(const std::string& path) const {
  std::set<std::string> tried;
  for (const core::Attempt& attempt : state_.steps.find(path)->second.attempts) {
    if (attempt.ended && !attempt.site.replica.empty()) tried.insert(attempt.site.replica);
  }
  return tried;
}

void TaskRunner::Send(core::StartStep& start, const std::string& committed_text, std::string input_json) {
  dispatch::StepOrder order;
  order.key = task_id_ + "/" + start.path + "/" + std::to_string(start.attempt);
  order.graph = graph_->name;
  order.agent = std::move(start.agent);
  order.path = start.path;
  order.attempt = start.attempt;
  order.input_json = input_json.empty() ? Dump(start.input) : std::move(input_json);
  order.committed_text = committed_text;
  order.token_budget = start.may_hedge ? start.reserved.tokens / 2 : start.reserved.tokens;
  order.task = task_id_;
  order.priority = state_.priority;
  order.timeout_ms = TimeLimit(start);
  order.own_timeout_ms = start.timeout_ms;
  if (start.attempt > 1) order.tried = ReplicasTried(start.path);
  // Who comes to watch later finds what was said before.
  const auto agent = graph_->agents.find(order.agent);
  const bool streams = agent != graph_->agents.end() && agent->second.kind->StreamsWith(agent->second.config);
  order.quiet = !streams && committed_text.empty();
  Call& call = calls_[start.path];
  call.attempt = start.attempt;
  const graph::Step* step = core::FindStep(*graph_, start.path);
  if (step != nullptr && step->kind == graph::StepKind::kDecompose) {
    dispatch::DecomposeJob job{.graph = graph_, .step = &*step->decompose, .step_name = WithoutRounds(start.path)};
    call.call = world_.dispatcher.StartDecompose(std::move(order), std::move(job), shared_from_this());
    return;
  }
  if (start.may_hedge && step != nullptr && step->agent && committed_text.empty()) {
    order.hedge_percent = step->agent->hedge_percent;
  }
  order.may_ask = agent != graph_->agents.end() && !agent->second.asks.empty();
  // what clients have seen the beginning of is gone on with where it was begun
  if (step != nullptr && step->agent && step->agent->cache && committed_text.empty()) {
    answers::StepJob job = JobOf(graph_, *step->agent->cache, start.path, state_);
    if (std::optional<dispatch::StepOutcome> kept = world_.answers.AtHand(order, job)) {
      // this thread comes to it next, so that both records go to disk together
      const std::string text = order.quiet || !kept->output ? "" : answers::StreamedText(*kept->output);
      if (!text.empty()) OnStepText(start.path, start.attempt, text, 0);
      return OnStepEnd(start.path, start.attempt, std::move(*kept));
    }
    call.call = world_.answers.Start(std::move(order), std::move(job), shared_from_this());
    return;
  }
  call.call = world_.dispatcher.Start(std::move(order), shared_from_this());
}

void TaskRunner::EndPause(const Item& item) {
  const auto found = calls_.find(item.due_path);
  if (found == calls_.end() || found->second.attempt != item.due_attempt || !found->second.paused) return;
  core::StartStep start = std::move(*found->second.paused);
  found->second.paused.reset();
  Send(start, "", "");
}

// A question that took the place of this one has a call of its own.
void TaskRunner::ForgetCall(const std::string& path, int attempt) {
  const auto call = calls_.find(path);
  if (call != calls_.end() && call->second.attempt == attempt) calls_.erase(call);
}

void TaskRunner::StopStep(const std::string& path, int attempt) {
  const auto found = calls_.find(path);
  if (found == calls_.end() || found->second.attempt != attempt) return;
  const Call call = std::move(found->second);
  calls_.erase(found);
  text_.Forget(path, attempt);
  if (call.pause.number != 0) world_.timers.Cancel(call.pause);
  if (call.call) call.call->Cancel();
}

void TaskRunner::StopAll() {
  while (!calls_.empty()) {
    const std::string path = calls_.begin()->first;
    StopStep(path, calls_.begin()->second.attempt);
  }
  if (alarm_.number != 0) world_.timers.Cancel(std::exchange(alarm_, {}));
  alarm_ms_ = 0;
  NoteResting(false);
}

void TaskRunner::KeepLesson(const core::Record& record) {
  if (world_.lessons == nullptr || !std::holds_alternative<core::StepDone>(record.event)) return;
  std::optional<lessons::Lesson> lesson;
  {
    const std::lock_guard lock(state_mutex_);
    lesson = LessonOf(*graph_, state_, record);
  }
  if (!lesson) return;
  lesson->task_id = task_id_;
  world_.lessons->Keep(std::move(*lesson));
}

void TaskRunner::OnStepEnd(const std::string& path, int attempt, dispatch::StepOutcome outcome) {
  text_.End(path, attempt);
  if (outcome.site.spill > 0) outcome.site.spill_price = PriceIn(outcome.site);
  if (outcome.output) {
    Post({.event = core::StepDone{path, attempt, std::move(*outcome.output), outcome.usage, std::move(outcome.site)}});
  } else {
    Post({.event = core::StepFailed{path, attempt, std::move(outcome.output).error(), outcome.usage,
                                    std::move(outcome.site)}});
  }
}

void TaskRunner::OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) {
  if (text_.Add(path, attempt, text, generated_tokens)) Wake();
}

}  // namespace troupe::gateway
