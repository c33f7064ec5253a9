#include "router/gateway/task_runner.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "router/core/asks.h"
#include "router/gateway/task_view.h"
#include "router/journal/codec.h"

namespace troupe::gateway {
namespace {

// Text that is kept unrecorded for one who may come to watch; more is recorded although nobody does.
constexpr size_t kMaxFreshBytes = 64u << 10;

}  // namespace

TaskRunner::TaskRunner(const RunnerWorld& world, journal::TaskKey key, std::string task_id,
                       std::shared_ptr<const graph::Graph> graph)
    : world_(world), key_(key), task_id_(std::move(task_id)), graph_(std::move(graph)) {}

void TaskRunner::Accept(core::Accepted accepted, journal::NewTask row) {
  row_ = std::move(row);
  Post({.event = std::move(accepted)});
}

Status TaskRunner::AcceptFork(core::Fork fork, journal::NewTask row) {
  {
    const std::lock_guard lock(state_mutex_);
    for (const core::Record& record : fork.before) TRY(core::Fold(state_, record));
  }
  for (const core::Record& record : fork.before) {
    v1::Record message;
    journal::Encode(record, task_id_, &copied_blobs_, message);
    copied_.push_back({record.sequence, message.SerializeAsString()});
  }
  row_ = std::move(row);
  {
    const std::lock_guard lock(inbox_mutex_);
    busy_ = true;
  }
  Work({.event = std::move(fork.event)});
  if (row_) return Internal("the copy of the task cannot go on: its next event leads nowhere");
  // one that begins with its acceptance has planned it by then
  if (!fork.before.empty()) PlanAlarm();
  StartPending();
  Drain();
  return {};
}

Status TaskRunner::Restore(const std::vector<core::Record>& records) {
  {
    const std::lock_guard lock(state_mutex_);
    for (const core::Record& record : records) TRY(core::Fold(state_, record));
    durable_ = state_.last_sequence;
  }
  {
    const std::lock_guard lock(inbox_mutex_);
    busy_ = true;
  }
  PlanAlarm();
  StartPending();
  Drain();
  return {};
}

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
                                          .reserved_tokens = attempt.reserved_tokens},
                          *work.committed_text);
    }
  }
  for (auto& [start, committed] : starts) {
    if (!committed.empty()) {
      const std::lock_guard lock(text_mutex_);
      texts_.MarkRecorded(start.path, start.attempt);
    }
    StartStep(start, committed, "");
  }
  NoteResting(calls_.empty() && !OpenQuestions().empty());
}

void TaskRunner::RequestCancel(std::string reason, std::function<void(core::TaskStatus)> done) {
  Post({.event = core::CancelRequested{std::move(reason)}, .cancel_done = std::move(done)});
}

void TaskRunner::Enqueue(Item item) {
  const std::lock_guard lock(inbox_mutex_);
  if (!stopped_) inbox_.push_back(std::move(item));
}

void TaskRunner::Post(Item item) {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (stopped_) return;
    inbox_.push_back(std::move(item));
    if (std::exchange(busy_, true)) return;
  }
  Drain();
}

void TaskRunner::Drain() {
  // The last record may drop the owner's reference while we are here.
  const std::shared_ptr<TaskRunner> self = shared_from_this();
  while (true) {
    Item item;
    {
      const std::lock_guard lock(inbox_mutex_);
      if (inbox_.empty() || stopped_) {
        busy_ = false;
        break;
      }
      item = std::move(inbox_.front());
      inbox_.pop_front();
    }
    Work(std::move(item));
  }
  bool stopped = false;
  {
    const std::lock_guard lock(inbox_mutex_);
    stopped = stopped_ && !std::exchange(busy_, true);
  }
  if (stopped) StopAll();
}

void TaskRunner::Work(Item item) {
  if (!item.event) {
    const auto found = calls_.find(item.due_path);
    if (found == calls_.end() || found->second.attempt != item.due_attempt || !found->second.paused) return;
    core::StartStep start = std::move(*found->second.paused);
    found->second.paused.reset();
    return Send(start, "", "");
  }
  const bool is_text = std::holds_alternative<core::StepProgress>(*item.event);
  if (item.decision_done && !MayDecide(item)) return;
  const std::string* ended_path = nullptr;
  int ended_attempt = 0;
  if (const auto* done = std::get_if<core::StepDone>(&*item.event)) {
    ended_path = &done->path;
    ended_attempt = done->attempt;
  }
  if (const auto* failed = std::get_if<core::StepFailed>(&*item.event)) {
    ended_path = &failed->path;
    ended_attempt = failed->attempt;
  }
  // A question that took the place of this one has a call of its own.
  if (ended_path) {
    const auto call = calls_.find(*ended_path);
    if (call != calls_.end() && call->second.attempt == ended_attempt) calls_.erase(call);
  }
  const std::string ended_ask = ended_path != nullptr && core::IsAsk(*ended_path) ? *ended_path : "";
  std::optional<core::StepAsked> asked;
  if (auto* question = std::get_if<core::StepAsked>(&*item.event)) asked = *question;

  const std::string decided_path = item.decision_done ? std::get<core::PersonDecided>(*item.event).path : "";
  const bool is_alarm = std::holds_alternative<core::DeadlinePassed>(*item.event) ||
                        std::holds_alternative<core::WaitExpired>(*item.event);
  if (is_alarm) alarm_ms_ = 0;

  std::optional<core::Record> record;
  core::Question question;
  core::TaskStatus status;
  int64_t sequence = 0;
  bool asks = false;
  {
    const std::lock_guard lock(state_mutex_);
    record = core::Decide(*graph_, state_, std::move(*item.event), world_.clock.NowMs());
    status = state_.status;
    sequence = state_.last_sequence;
    asks = state_.open_questions > 0;
    if (item.decision_done) question = state_.questions.find(decided_path)->second;
  }
  if (is_text) {
    const std::lock_guard lock(text_mutex_);
    if (record) {
      text_sequence_ = record->sequence;
    } else if (text_sequence_ == 0) {
      text_on_its_way_ = false;
    }
  }
  if (asked && !record) AnswerNow(*asked);
  if (!ended_ask.empty() && record) AnswerAfter(ended_ask);
  if (record) {
    const bool first = record->sequence == 1;
    std::vector<std::string> inputs = Write(*record);
    CarryOut(record->decisions, inputs);
    if (first || graph_->asks_people) PlanAlarm();
    NoteResting(asks && calls_.empty() && status == core::TaskStatus::kRunning);
  } else if (is_alarm) {
    PlanAlarm();  // it went off too early: the clock was set, or the deadline has moved
  }
  if (item.decision_done) {
    WhenDurable(sequence, [done = std::move(item.decision_done), question](const Status& durable) {
      done(durable ? Result<core::Question>(question) : durable.error());
    });
  }
  if (item.cancel_done) {
    WhenDurable(sequence, [done = std::move(item.cancel_done), status](const Status& durable) {
      if (durable) done(status);
    });
  }
}

std::vector<std::string> TaskRunner::Write(core::Record& record) {
  journal::Entry entry{.task = key_, .sequence = record.sequence};
  google::protobuf::Arena arena;
  auto& message = *google::protobuf::Arena::CreateMessage<v1::Record>(&arena);
  journal::Encode(record, task_id_, &entry.blobs, message);
  message.SerializeToString(&entry.bytes);
  entry.accepted = std::exchange(row_, std::nullopt);
  entry.before = std::exchange(copied_, {});
  std::move(copied_blobs_.begin(), copied_blobs_.end(), std::back_inserter(entry.blobs));
  copied_blobs_.clear();
  const bool ends = journal::EndsTask(message);
  if (ends) {
    const std::lock_guard lock(state_mutex_);
    entry.ended = journal::EndedTask{state_.status, state_.ended_ms};
  }
  {
    const std::lock_guard lock(watch_mutex_);
    if (ends) last_ = record.sequence;
    entry.urgent = keep_all_ || (ends && (keep_last_ || !durable_calls_.empty()));
    if (keep_all_ || (ends && keep_last_)) {
      auto kept = std::make_shared<v1::Record>();
      if (entry.blobs.empty()) {
        *kept = message;
      } else {
        journal::Encode(record, task_id_, nullptr, *kept);
      }
      on_their_way_.push_back(std::move(kept));
    }
  }
  entry.waiter = shared_from_this();
  // The agents are sent the very bytes that were recorded.
  std::vector<std::string> inputs;
  for (v1::Decision& decision : *message.mutable_decisions()) {
    if (!decision.has_start_step()) continue;
    v1::Payload& input = *decision.mutable_start_step()->mutable_input();
    inputs.push_back(input.has_json() ? std::move(*input.mutable_json()) : std::string());
  }
  world_.journal.Append(std::move(entry));
  return inputs;
}

void TaskRunner::CarryOut(std::vector<core::Decision>& decisions, std::vector<std::string>& inputs) {
  size_t next_input = 0;
  for (core::Decision& decision : decisions) {
    if (auto* start = std::get_if<core::StartStep>(&decision)) {
      StartStep(*start, "", std::move(inputs[next_input++]));
    } else if (const auto* stop = std::get_if<core::StopStep>(&decision)) {
      StopStep(stop->path, stop->attempt);
    } else if (std::holds_alternative<core::FinishTask>(decision) || std::holds_alternative<core::FailTask>(decision)) {
      StopAll();
    }
  }
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

void TaskRunner::Send(core::StartStep& start, const std::string& committed_text, std::string input_json) {
  dispatch::StepOrder order;
  order.key = task_id_ + "/" + start.path + "/" + std::to_string(start.attempt);
  order.graph = graph_->name;
  order.agent = std::move(start.agent);
  order.path = start.path;
  order.attempt = start.attempt;
  order.input_json = input_json.empty() ? Dump(start.input) : std::move(input_json);
  order.committed_text = committed_text;
  order.token_budget = start.reserved_tokens;
  order.timeout_ms = start.timeout_ms;
  // Where people are asked the deadline may move while the step is at work; once it passes the step is stopped anyway.
  if (state_.deadline_ms != 0 && !graph_->asks_people) {
    // A little more than the task has left: the task's own deadline is to come first.
    const int64_t left_ms = std::max<int64_t>(1, state_.deadline_ms - world_.clock.NowMs()) + 100;
    if (order.timeout_ms == 0 || left_ms < order.timeout_ms) order.timeout_ms = left_ms;
  }
  // Who comes to watch later finds what was said before.
  const auto agent = graph_->agents.find(order.agent);
  const bool streams = agent != graph_->agents.end() && agent->second.kind->StreamsWith(agent->second.config);
  order.quiet = !streams && committed_text.empty();
  Call& call = calls_[start.path];
  call.attempt = start.attempt;
  const graph::Step* step = core::FindStep(*graph_, start.path);
  if (step != nullptr && step->kind == graph::StepKind::kDecompose) {
    dispatch::DecomposeJob job{.graph = graph_, .step = &*step->decompose};
    for (size_t i = 0, depth = 0; i < start.path.size(); ++i) {
      const char c = start.path[i];
      depth += c == '[';
      if (depth == 0) job.step_name += c;
      depth -= c == ']';
    }
    call.call = world_.dispatcher.StartDecompose(std::move(order), std::move(job), shared_from_this());
    return;
  }
  order.may_ask = agent != graph_->agents.end() && !agent->second.asks.empty();
  call.call = world_.dispatcher.Start(std::move(order), shared_from_this());
}

void TaskRunner::AnswerNow(const core::StepAsked& asked) {
  core::AskRuling ruling;
  {
    const std::lock_guard lock(state_mutex_);
    ruling = core::RuleOnAsk(*graph_, state_, asked);
  }
  if (ruling.what != core::AskRuling::What::kAnswered) return;
  Answer(asked.path, {.ordinal = asked.ordinal, .peer = asked.peer, .input = asked.input}, ruling.answer);
}

// Before the record is on disk: what the agent makes of it is recorded later than that.
void TaskRunner::AnswerAfter(const std::string& ask_path) {
  dispatch::StepQuestion question;
  Result<Value> answer = Value();
  const auto ask = core::SplitAsk(ask_path);
  {
    const std::lock_guard lock(state_mutex_);
    const core::StepRecord& record = state_.steps.find(ask_path)->second;
    question = {.ordinal = ask->ordinal, .peer = record.attempts.back().agent, .input = record.attempts.back().input};
    answer = core::AnswerOf(record);
  }
  Answer(ask->asker, question, answer);
}

void TaskRunner::Answer(std::string_view asker, const dispatch::StepQuestion& question, const Result<Value>& answer) {
  const auto call = calls_.find(std::string(asker));
  if (call != calls_.end() && call->second.call) call->second.call->Answer(question, answer);
}

void TaskRunner::StopStep(const std::string& path, int attempt) {
  const auto found = calls_.find(path);
  if (found == calls_.end() || found->second.attempt != attempt) return;
  const Call call = std::move(found->second);
  calls_.erase(found);
  {
    const std::lock_guard lock(text_mutex_);
    texts_.Forget(path, attempt);
  }
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

void TaskRunner::OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) {
  {
    const std::lock_guard lock(text_mutex_);
    texts_.Add(path, attempt, text, generated_tokens);
    if (!EnqueueTextInTurn()) return;
  }
  Post({.due_path = ""});
}

bool TaskRunner::EnqueueTextInTurn() {
  if (text_on_its_way_ || texts_.fresh_bytes() == 0) return false;
  if (!HasTextWatcher() && texts_.fresh_bytes() <= kMaxFreshBytes) return false;
  EnqueueText();
  return true;
}

void TaskRunner::EnqueueText() {
  text_sequence_ = 0;
  text_on_its_way_ = texts_.fresh_bytes() > 0;
  for (core::StepProgress& progress : texts_.TakeFresh()) Enqueue({.event = std::move(progress)});
}

void TaskRunner::OnStepEnd(const std::string& path, int attempt, dispatch::StepOutcome outcome) {
  {
    // What is left of its text comes before its end.
    const std::lock_guard lock(text_mutex_);
    const bool watched = HasTextWatcher() && texts_.HasFresh(path, attempt);
    if (watched || texts_.IsPartlyRecorded(path, attempt)) EnqueueText();
    texts_.Forget(path, attempt);
  }
  if (outcome.output) {
    Post({.event = core::StepDone{path, attempt, std::move(*outcome.output), outcome.usage, std::move(outcome.site)}});
  } else {
    Post({.event = core::StepFailed{path, attempt, std::move(outcome.output).error(), outcome.usage,
                                    std::move(outcome.site)}});
  }
}

void TaskRunner::OnStepAsk(const std::string& path, int attempt, dispatch::StepQuestion question) {
  Post(
      {.event = core::StepAsked{path, attempt, question.ordinal, std::move(question.peer), std::move(question.input)}});
}

void TaskRunner::OnDurable(int64_t sequence) {
  std::vector<SharedRecord> records;
  std::vector<std::shared_ptr<RecordsSink>> sinks;
  std::vector<DurableCall> calls;
  bool ended = false;
  {
    const std::lock_guard lock(watch_mutex_);
    durable_ = sequence;
    while (!on_their_way_.empty() && on_their_way_.front()->sequence() <= sequence) {
      records.push_back(std::move(on_their_way_.front()));
      on_their_way_.pop_front();
    }
    ended = last_ != 0 && sequence >= last_;
    if (ended) {
      sinks.swap(sinks_);
    } else {
      sinks = sinks_;
    }
    for (size_t i = 0; i < durable_calls_.size();) {
      if (durable_calls_[i].sequence > sequence && !ended) {
        ++i;
        continue;
      }
      calls.push_back(std::move(durable_calls_[i]));
      durable_calls_.erase(durable_calls_.begin() + static_cast<ptrdiff_t>(i));
    }
  }
  // Gone from the running ones before anyone can ask again.
  if (ended) world_.on_ended(task_id_);
  const auto task = ended ? RecordsSink::Task::kEnded : RecordsSink::Task::kRunning;
  for (const auto& sink : sinks) sink->OnDurable(records, sequence, task);
  for (const DurableCall& call : calls) call.done({});
  {
    const std::lock_guard lock(text_mutex_);
    if (!text_on_its_way_ || text_sequence_ == 0 || sequence < text_sequence_) return;
    text_on_its_way_ = false;
    if (!EnqueueTextInTurn()) return;
  }
  Post({.due_path = ""});
}

TaskRunner::Followed TaskRunner::Follow(std::shared_ptr<RecordsSink> sink) {
  const bool wants_text = sink->detail() == v1::DETAIL_TEXT;
  Followed followed;
  {
    const std::lock_guard lock(watch_mutex_);
    if (last_ != 0 && durable_ >= last_) return {durable_, RecordsSink::Task::kEnded};
    if (wants_text) text_watchers_.fetch_add(1, std::memory_order_relaxed);
    (sink->detail() == v1::DETAIL_RESULT ? keep_last_ : keep_all_) = true;
    sinks_.push_back(std::move(sink));
    followed = {durable_, RecordsSink::Task::kRunning};
  }
  if (!wants_text) return followed;
  {
    const std::lock_guard lock(text_mutex_);
    if (!EnqueueTextInTurn()) return followed;
  }
  Post({.due_path = ""});
  return followed;
}

void TaskRunner::Unfollow(const RecordsSink* sink) {
  std::shared_ptr<RecordsSink> gone;
  const std::lock_guard lock(watch_mutex_);
  const auto found = std::find_if(sinks_.begin(), sinks_.end(), [&](const auto& other) { return other.get() == sink; });
  if (found == sinks_.end()) return;
  gone = std::move(*found);
  sinks_.erase(found);
  if (gone->detail() == v1::DETAIL_TEXT) text_watchers_.fetch_sub(1, std::memory_order_relaxed);
  keep_all_ = std::any_of(sinks_.begin(), sinks_.end(), [](const auto& s) { return s->detail() != v1::DETAIL_RESULT; });
}

void TaskRunner::WhenDurable(int64_t sequence, std::function<void(Status)> done) {
  bool hurry = false;
  {
    const std::lock_guard lock(watch_mutex_);
    const bool ended = last_ != 0 && durable_ >= last_;
    if (durable_ < sequence && !ended) {
      durable_calls_.push_back({sequence, std::move(done)});
      done = nullptr;
      // the record that ends the task hurries by itself
      hurry = sequence != kLast || last_ != 0;
    }
  }
  if (done) return done({});
  if (hurry) world_.journal.Hurry();
}

core::TaskState TaskRunner::State() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

void TaskRunner::FillAnswer(v1::Task& out) const {
  const std::lock_guard lock(state_mutex_);
  FillTask(task_id_, state_, out, TaskInput::kLeftOut);
}

void TaskRunner::Stop() {
  bool idle = false;
  {
    const std::lock_guard lock(inbox_mutex_);
    stopped_ = true;
    inbox_.clear();
    // A thread that is at work stops them when it is through.
    idle = !std::exchange(busy_, true);
  }
  if (idle) StopAll();
  std::vector<std::shared_ptr<RecordsSink>> sinks;
  std::vector<DurableCall> calls;
  {
    const std::lock_guard lock(watch_mutex_);
    sinks.swap(sinks_);
    calls.swap(durable_calls_);
  }
  for (const auto& sink : sinks) sink->OnRouterStops();
  for (const DurableCall& call : calls) {
    call.done(Unavailable("the router is stopping; the task goes on when it is back: ask for it then"));
  }
}

}  // namespace troupe::gateway
