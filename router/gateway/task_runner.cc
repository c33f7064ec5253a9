#include "router/gateway/task_runner.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "router/core/asks.h"
#include "router/core/count_students.h"
#include "router/gateway/task_view.h"
#include "router/journal/codec.h"

namespace troupe::gateway {

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
  }
  followers_.Restore(state_.last_sequence);
  {
    const std::lock_guard lock(inbox_mutex_);
    busy_ = true;
  }
  PlanAlarm();
  StartPending();
  Drain();
  return {};
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
  if (!item.event) return EndPause(item);
  if (item.decision_done && !MayDecide(item)) return;
  const Aftermath after = Notice(*item.event, item);
  Outcome outcome = Decide(std::move(*item.event), after.decided);
  if (after.is_text) text_.OnTaken(outcome.record ? std::optional(outcome.record->sequence) : std::nullopt);
  if (after.asked && !outcome.record) AnswerNow(*after.asked);
  if (!after.ended_ask.empty() && outcome.record) AnswerAfter(after.ended_ask);
  if (outcome.record) {
    const bool first = outcome.record->sequence == 1;
    KeepLesson(*outcome.record);
    std::vector<std::string> inputs = Write(*outcome.record);
    CarryOut(outcome.record->decisions, inputs);
    if (first || graph_->asks_people) PlanAlarm();
    NoteResting(outcome.waits_for_people && calls_.empty() && outcome.status == core::TaskStatus::kRunning);
  } else if (after.is_alarm) {
    PlanAlarm();  // it went off too early: the clock was set, or the deadline has moved
  }
  TellCaller(item, outcome);
}

TaskRunner::Aftermath TaskRunner::Notice(const core::Event& event, const Item& item) {
  Aftermath after;
  const auto end_of = [&](const std::string& path, int attempt) {
    ForgetCall(path, attempt);
    if (core::IsAsk(path)) after.ended_ask = path;
  };
  if (const auto* done = std::get_if<core::StepDone>(&event)) {
    end_of(done->path, done->attempt);
  } else if (const auto* failed = std::get_if<core::StepFailed>(&event)) {
    end_of(failed->path, failed->attempt);
  } else if (const auto* asked = std::get_if<core::StepAsked>(&event)) {
    after.asked = *asked;
  } else if (item.decision_done) {
    after.decided = std::get<core::PersonDecided>(event).path;
  }
  after.is_text = std::holds_alternative<core::StepProgress>(event);
  after.is_alarm =
      std::holds_alternative<core::DeadlinePassed>(event) || std::holds_alternative<core::WaitExpired>(event);
  if (after.is_alarm) alarm_ms_ = 0;
  return after;
}

TaskRunner::Outcome TaskRunner::Decide(core::Event event, const std::string& decided_path) {
  Outcome outcome;
  const std::lock_guard lock(state_mutex_);
  outcome.record = core::Decide(*graph_, state_, std::move(event), world_.clock.NowMs());
  outcome.status = state_.status;
  outcome.sequence = state_.last_sequence;
  outcome.waits_for_people = state_.open_questions > 0;
  if (!decided_path.empty()) outcome.question = state_.questions.find(decided_path)->second;
  return outcome;
}

void TaskRunner::TellCaller(Item& item, const Outcome& outcome) {
  if (item.decision_done) {
    WhenDurable(outcome.sequence,
                [done = std::move(item.decision_done), question = outcome.question](const Status& durable) {
                  done(durable ? Result<core::Question>(question) : durable.error());
                });
  }
  if (item.cancel_done) {
    WhenDurable(outcome.sequence, [done = std::move(item.cancel_done), status = outcome.status](const Status& durable) {
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
    entry.ended = journal::EndedTask{state_.status, state_.ended_ms, core::CountStudents(*graph_, state_)};
  }
  const Followers::Interest interest =
      followers_.Announce(record.sequence, ends ? Followers::Record::kLast : Followers::Record::kAnother);
  entry.urgent = interest.urgent;
  if (interest.keep) {
    auto kept = std::make_shared<v1::Record>();
    if (entry.blobs.empty()) {
      *kept = message;
    } else {
      journal::Encode(record, task_id_, nullptr, *kept);
    }
    followers_.Keep(std::move(kept));
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

void TaskRunner::OnDurable(int64_t sequence) {
  // Gone from the running ones before anyone can ask again.
  const Followers::Told told = followers_.OnDurable(sequence, [this] { world_.on_ended(task_id_); });
  const bool text = text_.OnDurable(sequence);
  if (told == Followers::Told::kAll) {
    if (text) FollowWatchers();
    return;
  }
  if (told == Followers::Told::kAsk) world_.tell([self = shared_from_this()] { self->followers_.TellMany(); });
  // the thread that tells them takes one after the other
  if (text) world_.tell([self = shared_from_this()] { self->FollowWatchers(); });
}

void TaskRunner::FollowWatchers() { world_.deliveries.Enter(key_, weak_from_this()); }

DeliveryGate::Delivery::Use TaskRunner::OnPermit(DeliveryGate::Permit) {
  if (text_.OnTold()) Wake();
  return Use::kNothing;
}

TaskRunner::Followed TaskRunner::Follow(std::shared_ptr<RecordsSink> sink) {
  const bool wants_text = sink->detail() == v1::DETAIL_TEXT;
  const Followed followed = followers_.Follow(std::move(sink));
  if (wants_text && followed.task == RecordsSink::Task::kRunning && text_.OnWatcher()) Wake();
  return followed;
}

void TaskRunner::WhenDurable(int64_t sequence, std::function<void(Status)> done) {
  if (followers_.WhenDurable(sequence, std::move(done))) world_.journal.Hurry();
}

core::TaskState TaskRunner::State() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

core::TaskStatus TaskRunner::status() const {
  const std::lock_guard lock(state_mutex_);
  return state_.status;
}

core::StudentTally TaskRunner::CountStudents() const {
  const std::lock_guard lock(state_mutex_);
  return core::CountStudents(*graph_, state_);
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
  followers_.Stop();
}

}  // namespace troupe::gateway
