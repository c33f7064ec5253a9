// One client that follows a task: Run and Watch. Live records are passed on as they become durable; a client that reads
// more slowly than they come, or that begins in the past, is served from the journal instead, so a slow watcher costs a
// bounded amount of memory and holds nobody up.
//
// Owner: gRPC, until the call has ended; the task's runner while it follows. Thread-safe.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "router/gateway/records_sink.h"
#include "router/gateway/tasks.h"
#include "router/journal/codec.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {

// `Response` is RunResponse or WatchResponse.
template <class Response>
class WatchCall final : public rpc::ServerWriteCall<Response>, public RecordsSink {
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

  std::shared_ptr<RecordsSink> Self() { return std::static_pointer_cast<WatchCall>(this->shared_from_this()); }

  v1::Detail detail() const override { return detail_; }

  void OnDurable(std::span<const SharedRecord> records, int64_t durable, Task task) override {
    bool read = false;
    {
      const std::lock_guard lock(mutex_);
      if (over_) return;
      durable_ = std::max(durable_, durable);
      if (task == Task::kEnded) runner_ = nullptr;
      for (const SharedRecord& record : records) {
        if (over_ || reading_ || !HasRoom()) break;
        // The others were not kept for one who wants the last only.
        if (detail_ == v1::DETAIL_RESULT && journal::EndsTask(*record)) next_ = record->sequence();
        if (record->sequence() != next_) continue;
        Deliver(*record);
      }
      read = Settle();
    }
    if (read) ReadOn();
  }

  void OnRouterStops() override {
    const std::lock_guard lock(mutex_);
    over_ = true;
    this->End(
        Unavailable("the router is stopping; the task goes on when it is back: watch it again from where you are"));
  }

 private:
  // What one watcher may hold in memory: a client that stops reading holds that much and no more. Payloads come on top,
  // because a record is sent whole.
  static constexpr size_t kMaxUnsent = 16;
  static constexpr size_t kMaxUnsentBytes = 32u << 10;
  static constexpr int kRecordsAtOnce = 16;
  static constexpr size_t kBytesAtOnce = 32u << 10;

  bool HasRoom() const { return this->unsent() < kMaxUnsent && this->unsent_bytes() < kMaxUnsentBytes; }

  // Needs mutex_.
  void Deliver(const v1::Record& record) {
    ++next_;
    const bool ends = journal::EndsTask(record);
    const bool wanted =
        ends || detail_ == v1::DETAIL_TEXT || (detail_ == v1::DETAIL_STEPS && !record.event().has_step_progress());
    if (!wanted) return;
    Response response;
    *response.mutable_record() = record;
    if constexpr (requires { response.set_task_id(""); }) {
      if (!std::exchange(said_task_, true)) response.set_task_id(task_id_);
    }
    if (ends) {
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

  // Needs mutex_. True where there is something in the journal and room to send it; then reading has begun.
  bool WantsToRead() {
    if (over_ || reading_ || next_ > durable_ || !HasRoom()) return false;
    // Who wants the last record only waits for the live one, unless the task has ended.
    if (detail_ == v1::DETAIL_RESULT && runner_) return false;
    reading_ = true;
    return true;
  }

  // Needs mutex_. After whatever changed: it ends, reads on (true), or is idle, or waits for its client.
  bool Settle() {
    EndIfAllSeen();
    const bool was_idle = idle_;
    idle_ = !over_ && !reading_ && next_ > durable_ && HasRoom();
    // Not told of what came while it was behind, and from here on it is: between the two nothing is lost.
    if (idle_ && !was_idle && runner_) durable_ = std::max(durable_, runner_->durable());
    const bool read = WantsToRead();
    if (read) idle_ = false;
    return read;
  }

  void ReadOn() {
    tasks_.Read([self = std::static_pointer_cast<WatchCall>(this->shared_from_this())] { self->ReadSome(); });
  }

  void ReadSome() {
    journal::TaskKey key = 0;
    int64_t after = 0;
    {
      const std::lock_guard lock(mutex_);
      key = key_;
      after = detail_ == v1::DETAIL_RESULT ? durable_ - 1 : next_ - 1;
    }
    Result<std::vector<v1::Record>> records = tasks_.ReadRecords(key, after, kRecordsAtOnce, kBytesAtOnce);
    bool read = false;
    {
      const std::lock_guard lock(mutex_);
      reading_ = false;
      if (over_) return;
      if (records && records->empty()) records = tasks_.Missing(task_id_);
      if (!records) {
        over_ = true;
        return this->End(Status(records.error()));
      }
      next_ = after + 1;
      for (const v1::Record& record : *records) {
        if (over_) break;
        if (record.sequence() != next_) {
          over_ = true;
          return this->End(Status(tasks_.Missing(task_id_)));
        }
        if (next_ > durable_) break;
        Deliver(record);
      }
      read = Settle();
    }
    if (read) ReadOn();
  }

  void OnDrained() override {
    bool read = false;
    {
      const std::lock_guard lock(mutex_);
      read = Settle();
    }
    if (read) ReadOn();
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
};

}  // namespace troupe::gateway
