// One client that follows a task: Run and Watch. Live records are held as they become durable, and written once it is
// its turn (see DeliveryGate); a client that reads more slowly than they come, or that begins in the past, is served
// from the journal instead, so a slow watcher costs a bounded amount of memory and holds nobody up.
//
// Owner: gRPC, until the call has ended; the task's runner while it follows. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/gateway/delivery_gate.h"
#include "router/gateway/records_sink.h"
#include "router/gateway/tasks.h"
#include "router/gateway/watch_position.h"
#include "router/journal/codec.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {

// `Response` is RunResponse or WatchResponse.
template <class Response>
class WatchCall final : public rpc::ServerWriteCall<Response>, public RecordsSink, public DeliveryGate::Delivery {
 public:
  // Records up to `after` have been seen.
  WatchCall(Tasks& tasks, v1::Detail detail, int64_t after) : tasks_(tasks), position_(detail, after) {}

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

  // All there is to say, where no task was made.
  void AnswerAtOnce(Response response) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(over_, true)) return;
    writing_ = true;
    this->SendAndEnd(std::move(response));
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

  v1::Detail detail() const override { return position_.detail(); }

  void OnDurable(std::span<const SharedRecord> records, int64_t durable, Task task) override {
    Change([&] {
      if (over_) return;
      position_.Raise(durable);
      if (task == Task::kEnded) {
        runner_ = nullptr;
        position_.PassToLast();
      }
      // a read that is under way brings them too
      if (!reading_) {
        for (const SharedRecord& record : records) position_.Take(record);
      }
      if (IsAnswer()) DeliverHeld();
    });
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
  // What is read in one: a client that does not read costs that much, besides what it holds.
  static constexpr int kRecordsAtOnce = 16;
  static constexpr size_t kBytesAtOnce = 32u << 10;

  // Who hands a task in and wants its answer only is no watcher: one message, which does not wait for others.
  bool IsAnswer() const { return kRuns && detail() == v1::DETAIL_RESULT; }

  // For the gate, once mutex_ is free.
  struct ForGate {
    std::optional<DeliveryGate::Permit> back;
    bool wants_turn = false;
  };
  // Does something under mutex_, and what follows from it. All in one, so that a permit is back before the next comes.
  template <class Do>
  void Change(Do what) {
    ForGate out;
    {
      const std::lock_guard lock(mutex_);
      what();
      out = Settle();
    }
    if (out.back) tasks_.deliveries().Leave(*out.back);
    if (out.wants_turn) tasks_.deliveries().Enter(key_, Self());
  }

  // Need mutex_.
  void DeliverHeld() {
    for (const SharedRecord& record : position_.LetGo()) Deliver(*record);
  }
  void Deliver(const v1::Record& record) {
    position_.Pass();
    if (!position_.Wants(record)) return;
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
    if (over_ || reading_ || runner_ || !position_.HasSeenAll()) return;
    over_ = true;
    this->End(grpc::Status::OK);
  }

  // Needs mutex_. After whatever changed: it ends, or gives its permit back, or wants a turn to deliver more, or is
  // idle, or waits for its client.
  ForGate Settle() {
    EndIfAllSeen();
    const bool was_idle = idle_;
    idle_ = !over_ && !reading_ && position_.HoldsAll() && position_.HasRoom();
    // Not told of what came while it was behind, and from here on it is: between the two nothing is lost.
    if (idle_ && !was_idle && runner_) {
      position_.Raise(runner_->durable());
      idle_ = position_.HoldsAll();
    }
    ForGate out;
    if (reading_ || writing_) return out;
    out.back = std::exchange(permit_, std::nullopt);
    if (over_ || waits_ || position_.HasSeenAll()) return out;
    // Who wants the last record only waits for the live one, unless the task has ended.
    if (detail() == v1::DETAIL_RESULT && runner_) return out;
    out.wants_turn = waits_ = true;
    return out;
  }

  Use OnPermit(DeliveryGate::Permit permit) override {
    {
      const std::lock_guard lock(mutex_);
      waits_ = false;
      // what it waited for may have been told meanwhile, and be nothing that its client wants
      if (over_ || position_.HasSeenAll()) return Use::kNothing;
      permit_ = permit;
      reading_ = position_.HoldsNone();
      // the first one that is held is wanted, so something is written
      DeliverHeld();
      (void)Settle();
      if (!reading_) return Use::kWriting;
    }
    tasks_.Read([self = Self()] { self->ReadSome(); });
    return Use::kWriting;
  }

  void ReadSome() {
    journal::TaskKey key = 0;
    int64_t after = 0;
    {
      const std::lock_guard lock(mutex_);
      key = key_;
      after = position_.next() - 1;
    }
    Result<std::vector<v1::Record>> records = tasks_.ReadRecords(key, after, kRecordsAtOnce, kBytesAtOnce);
    Change([&] {
      reading_ = false;
      if (!over_) DeliverRead(records);
    });
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
      if (record.sequence() != position_.next()) {
        over_ = true;
        return this->End(Status(tasks_.Missing(task_id_)));
      }
      if (position_.HasSeenAll()) return;
      Deliver(record);
    }
  }

  void OnDrained() override {
    // more may have been sent since it was
    Change([this] { writing_ = this->unsent() > 0; });
  }

  void OnEnded() override {
    Change([this] {
      over_ = true;
      writing_ = false;
    });
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

  std::mutex mutex_;
  std::string task_id_;
  journal::TaskKey key_ = 0;
  std::shared_ptr<TaskRunner> runner_;
  WatchPosition position_;
  bool reading_ = false;
  bool over_ = false;
  bool said_task_ = false;
  // It stands in line for its turn.
  bool waits_ = false;
  // The last one it was given, which may have been taken away because the client does not read.
  std::optional<DeliveryGate::Permit> permit_;
  // Something was sent and has not been written.
  bool writing_ = false;
};

}  // namespace troupe::gateway
