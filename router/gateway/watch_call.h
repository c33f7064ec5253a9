// One client that follows a task: Run and Watch. Live records are held as they become durable, and written once it is
// its turn (see DeliveryGate); a client that reads more slowly than they come, or that begins in the past, is served
// from the journal instead, so a slow watcher costs a bounded amount of memory and holds nobody up.
//
// Owner: gRPC, until the call has ended; the task's runner while it follows. Thread-safe.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/gateway/delivery_gate.h"
#include "router/gateway/records_sink.h"
#include "router/gateway/tasks.h"
#include "router/journal/codec.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {

// `Response` is RunResponse or WatchResponse.
template <class Response>
class WatchCall final : public rpc::ServerWriteCall<Response>, public RecordsSink, public DeliveryGate::Delivery {
 public:
  // Records up to `after` have been seen.
  WatchCall(Tasks& tasks, v1::Detail detail, int64_t after)
      : tasks_(tasks), detail_(detail == v1::DETAIL_UNSPECIFIED ? v1::DETAIL_STEPS : detail), next_(after + 1) {}

  // Follows a task. Where it has ended, `row` says so and `runner` is null.
  void Begin(const std::string& task_id, std::shared_ptr<TaskRunner> runner, const journal::TaskRow* row) {
    {
      const std::lock_guard lock(mutex_);
      task_id_ = task_id;
      key_ = runner ? runner->key() : row->key;
      runner_ = runner;
    }
    if (row && row->status == core::TaskStatus::kRunning) {
      return this->End(
          FailedPrecondition("task " + task_id + " could not be brought back when the router started: see its log"));
    }
    TaskRunner::Followed followed;
    if (runner) {
      followed = runner->Follow(Self());
    } else {
      followed = {row->last_sequence, Task::kEnded};
    }
    OnDurable({}, followed.durable, followed.task);
    CheckCancelled();
  }

  // A new task: nothing has been recorded yet. The caller makes the runner follow before it takes the task in.
  void BeginNew(const std::shared_ptr<TaskRunner>& runner) {
    const std::lock_guard lock(mutex_);
    task_id_ = runner->task_id();
    key_ = runner->key();
    runner_ = runner;
  }

  bool begun() {
    const std::lock_guard lock(mutex_);
    return key_ != 0;
  }

  // For a client that went away while its task was taken in.
  void CheckCancelled() {
    if (this->cancelled()) OnCancelled();
  }

  std::shared_ptr<WatchCall> Self() { return std::static_pointer_cast<WatchCall>(this->shared_from_this()); }

  v1::Detail detail() const override { return detail_; }

  void OnDurable(std::span<const SharedRecord> records, int64_t durable, Task task) override {
    bool wants_turn = false;
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
      durable_ = std::max(durable_, durable);
      if (task == Task::kEnded) {
        runner_ = nullptr;
        if (detail_ == v1::DETAIL_RESULT) next_ = std::max(next_, durable_);
      }
      for (const SharedRecord& record : records) Hold(record);
      if (IsAnswer()) DeliverHeld();
      wants_turn = Settle();
    }
    if (wants_turn) EnterGate();
  }

  void OnRouterStops() override {
    const std::lock_guard lock(mutex_);
    over_ = true;
    this->End(
        Unavailable("the router is stopping; the task goes on when it is back: watch it again from where you are"));
  }

 private:
  // Run says in its first message which task it is.
  static constexpr bool kRuns = requires(Response response) { response.set_task_id(""); };
  // What one watcher may hold in memory until it is its turn, and again what is written in one: a client that stops
  // reading holds that much and no more. Payloads come on top, because a record is sent whole. What is held is shared
  // with the others that follow the task.
  static constexpr size_t kMaxHeld = 16;
  static constexpr size_t kMaxHeldBytes = 32u << 10;
  static constexpr int kRecordsAtOnce = 16;
  static constexpr size_t kBytesAtOnce = 32u << 10;

  // Who hands a task in and wants its answer only is no watcher: one message, which does not wait for others.
  bool IsAnswer() const { return kRuns && detail_ == v1::DETAIL_RESULT; }
  bool Wants(const v1::Record& record) const {
    return detail_ == v1::DETAIL_TEXT || journal::EndsTask(record) ||
           (detail_ == v1::DETAIL_STEPS && !record.event().has_step_progress());
  }
  bool HasRoom() const { return held_.size() < kMaxHeld && held_bytes_ < kMaxHeldBytes; }
  bool HoldsAll() const { return next_ + static_cast<int64_t>(held_.size()) > durable_; }

  // Need mutex_.
  void Hold(const SharedRecord& record) {
    // a read that is under way brings it too
    if (reading_ || !HasRoom() || record->sequence() != next_ + static_cast<int64_t>(held_.size())) return;
    if (held_.empty() && !Wants(*record)) {
      ++next_;
      return;
    }
    held_bytes_ += record->ByteSizeLong();
    held_.push_back(record);
  }
  void DeliverHeld() {
    const std::vector<SharedRecord> records = std::exchange(held_, {});
    held_bytes_ = 0;
    for (const SharedRecord& record : records) Deliver(*record);
  }
  void Deliver(const v1::Record& record) {
    ++next_;
    if (!Wants(record)) return;
    Response response;
    *response.mutable_record() = record;
    if constexpr (kRuns) {
      if (!std::exchange(said_task_, true)) response.set_task_id(task_id_);
    }
    writing_ = true;
    if (journal::EndsTask(record)) {
      over_ = true;
      runner_ = nullptr;
      this->SendAndEnd(std::move(response));
    } else {
      this->Send(std::move(response));
    }
  }

  // Needs mutex_. For one who had seen the last record before.
  void EndIfAllSeen() {
    if (over_ || reading_ || runner_ || next_ <= durable_) return;
    over_ = true;
    this->End(grpc::Status::OK);
  }

  // Needs mutex_. After whatever changed: it ends, wants a turn to deliver more (true), or is idle, or waits for its
  // client.
  bool Settle() {
    EndIfAllSeen();
    const bool was_idle = idle_;
    idle_ = !over_ && !reading_ && HoldsAll() && HasRoom();
    // Not told of what came while it was behind, and from here on it is: between the two nothing is lost.
    if (idle_ && !was_idle && runner_) {
      durable_ = std::max(durable_, runner_->durable());
      idle_ = HoldsAll();
    }
    if (over_ || reading_ || writing_ || waits_ || next_ > durable_) return false;
    // Who wants the last record only waits for the live one, unless the task has ended.
    if (detail_ == v1::DETAIL_RESULT && runner_) return false;
    return waits_ = true;
  }

  void EnterGate() { tasks_.deliveries().Enter(key_, Self()); }

  Use OnPermit(DeliveryGate::Permit permit) override {
    {
      const std::lock_guard lock(mutex_);
      waits_ = false;
      // what it waited for may have been told meanwhile, and be nothing that its client wants
      if (over_ || next_ > durable_) return Use::kNothing;
      permit_ = permit;
      reading_ = held_.empty();
      // the first one that is held is wanted, so something is written
      DeliverHeld();
      Settle();
      if (!reading_) return Use::kWriting;
    }
    tasks_.Read([self = Self()] { self->ReadSome(); });
    return Use::kWriting;
  }

  // After a delivery, or a part of it: where nothing is being written the permit is given back.
  void GoOn() {
    std::optional<DeliveryGate::Permit> permit;
    bool wants_turn = false;
    {
      const std::lock_guard lock(mutex_);
      wants_turn = Settle();
      if (!writing_ && !reading_) permit = std::exchange(permit_, std::nullopt);
    }
    if (permit) tasks_.deliveries().Leave(*permit);
    if (wants_turn) EnterGate();
  }

  void ReadSome() {
    journal::TaskKey key = 0;
    int64_t after = 0;
    {
      const std::lock_guard lock(mutex_);
      key = key_;
      after = next_ - 1;
    }
    Result<std::vector<v1::Record>> records = tasks_.ReadRecords(key, after, kRecordsAtOnce, kBytesAtOnce);
    {
      const std::lock_guard lock(mutex_);
      reading_ = false;
      if (!over_) DeliverRead(records);
    }
    GoOn();
  }

  // Needs mutex_.
  void DeliverRead(Result<std::vector<v1::Record>>& records) {
    if (records && records->empty()) records = tasks_.Missing(task_id_);
    if (!records) {
      over_ = true;
      return this->End(Status(records.error()));
    }
    for (const v1::Record& record : *records) {
      if (over_) return;
      if (record.sequence() != next_) {
        over_ = true;
        return this->End(Status(tasks_.Missing(task_id_)));
      }
      if (next_ > durable_) return;
      Deliver(record);
    }
  }

  void OnDrained() override {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
    }
    GoOn();
  }

  void OnEnded() override {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      writing_ = false;
    }
    GoOn();
  }

  void OnCancelled() override {
    std::shared_ptr<TaskRunner> runner;
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      runner = std::move(runner_);
    }
    if (runner) runner->Unfollow(this);
    this->End(Cancelled("the client went away"));
  }

  Tasks& tasks_;
  const v1::Detail detail_;

  std::mutex mutex_;
  std::string task_id_;
  journal::TaskKey key_ = 0;
  std::shared_ptr<TaskRunner> runner_;
  // The number of the next record to look at.
  int64_t next_;
  int64_t durable_ = 0;
  bool reading_ = false;
  bool over_ = false;
  bool said_task_ = false;
  // Told, and still to be written: from next_ on.
  std::vector<SharedRecord> held_;
  size_t held_bytes_ = 0;
  // It stands in line for its turn.
  bool waits_ = false;
  // The last one it was given, which may have been taken away because the client does not read.
  std::optional<DeliveryGate::Permit> permit_;
  // Something was sent and has not been written.
  bool writing_ = false;
};

}  // namespace troupe::gateway
