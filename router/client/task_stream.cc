#include "router/client/task_stream.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "runtime/rpc/status.h"

namespace troupe::client {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

namespace {
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kMaxPause{1'000};
// One that is there and refuses must not be asked without a pause.
constexpr milliseconds kLeastPause{20};
}  // namespace

bool ReadOutcome(const v1::Record& record, Outcome& outcome) {
  for (const v1::Decision& decision : record.decisions()) {
    if (decision.has_finish_task()) {
      outcome = {record.task_id(), {}, decision.finish_task().output().json(), ""};
      return true;
    }
    if (decision.has_fail_task()) {
      const v1::FailTask& failed = decision.fail_task();
      outcome = {record.task_id(), Error{static_cast<Code>(failed.code()), failed.message()}, "", failed.path()};
      return true;
    }
  }
  return false;
}

// One server stream read through a completion queue, which can wait with a limit. One operation is outstanding at a
// time.
class TaskStream::Call {
 public:
  enum class State { kMessage, kQuiet, kEnded };
  virtual ~Call() = default;
  virtual State Poll(system_clock::time_point until) = 0;
  // After kMessage: takes the record; false where the message has none.
  virtual bool Take(v1::Record& record, std::string& task_id) = 0;
  virtual Status How() const = 0;
};

template <typename Response>
class TaskStream::TypedCall final : public Call {
 public:
  template <typename Prepare>
  explicit TypedCall(Prepare&& prepare) : reader_(prepare(&context_, &queue_)) {
    reader_->StartCall(nullptr);
  }

  ~TypedCall() override {
    if (phase_ != Phase::kOver) {
      context_.TryCancel();
      bool ok = false;
      for (void* tag = nullptr; phase_ != Phase::kOver && queue_.Next(&tag, &ok);) Advance(ok);
    }
    queue_.Shutdown();
    bool ok = false;
    for (void* tag = nullptr; queue_.Next(&tag, &ok);) {
    }
  }

  State Poll(system_clock::time_point until) override {
    while (phase_ != Phase::kOver) {
      void* tag = nullptr;
      bool ok = false;
      if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return State::kQuiet;
      const bool message = phase_ == Phase::kReading && ok;
      if (message) return State::kMessage;
      Advance(ok);
    }
    return State::kEnded;
  }

  bool Take(v1::Record& record, std::string& task_id) override {
    if constexpr (requires { response_.task_id(); }) {
      if (!response_.task_id().empty()) task_id = response_.task_id();
    }
    const bool has_record = response_.has_record();
    if (has_record) record = std::move(*response_.mutable_record());
    response_.Clear();
    reader_->Read(&response_, nullptr);
    return has_record;
  }

  Status How() const override { return rpc::StatusFromGrpc(status_); }

 private:
  enum class Phase { kStarting, kReading, kFinishing, kOver };

  // Begins what follows the operation that has completed.
  void Advance(bool ok) {
    if (phase_ == Phase::kFinishing) {
      phase_ = Phase::kOver;
    } else if (!ok) {
      phase_ = Phase::kFinishing;
      reader_->Finish(&status_, nullptr);
    } else {
      phase_ = Phase::kReading;
      reader_->Read(&response_, nullptr);
    }
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::ClientAsyncReader<Response>> reader_;
  Response response_;
  grpc::Status status_;
  Phase phase_ = Phase::kStarting;
};

TaskStream::TaskStream(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<v1::TaskService::Stub> tasks,
                       TaskStreamSpec spec)
    : channel_(std::move(channel)), tasks_(std::move(tasks)), spec_(std::move(spec)) {
  Open();
}

TaskStream::~TaskStream() = default;

void TaskStream::Open() {
  if (spec_.task_id.empty() && spec_.run) {
    v1::RunRequest request;
    *request.mutable_submit() = *spec_.run;
    request.set_detail(spec_.detail);
    call_ = std::make_unique<TypedCall<v1::RunResponse>>(
        [&](auto* context, auto* queue) { return tasks_->PrepareAsyncRun(context, request, queue); });
    return;
  }
  v1::WatchRequest request;
  request.set_task_id(spec_.task_id);
  request.set_after_sequence(spec_.after_sequence);
  request.set_detail(spec_.detail);
  call_ = std::make_unique<TypedCall<v1::WatchResponse>>(
      [&](auto* context, auto* queue) { return tasks_->PrepareAsyncWatch(context, request, queue); });
}

StreamState TaskStream::Finish(Status end) {
  ended_ = true;
  end_ = std::move(end);
  call_.reset();
  return StreamState::kEnded;
}

StreamState TaskStream::Poll(milliseconds wait, v1::Record& record) {
  const auto until = steady_clock::now() + wait;
  while (!ended_) {
    if (!call_) {
      if (WaitAway(until) == StreamState::kAway) return StreamState::kAway;
      Open();
    }
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    const Call::State state = call_->Poll(system_clock::now() + std::max(left, milliseconds(0)));
    if (state == Call::State::kQuiet) return away_since_ ? StreamState::kAway : StreamState::kQuiet;
    if (state == Call::State::kEnded) {
      Decide(call_->How());
      continue;
    }
    const bool has_record = call_->Take(record, spec_.task_id);
    reached_ = true;
    away_since_.reset();
    if (!has_record || (spec_.resume == Resume::kYes && record.sequence() <= spec_.after_sequence)) continue;
    spec_.after_sequence = record.sequence();
    progress_ = true;
    if (ReadOutcome(record, outcome_)) Finish({});
    return StreamState::kRecord;
  }
  return StreamState::kEnded;
}

std::optional<v1::Record> TaskStream::Next() {
  v1::Record record;
  while (true) {
    const StreamState state = Poll(milliseconds(3'600'000), record);
    if (state == StreamState::kRecord) return record;
    if (state == StreamState::kEnded) return std::nullopt;
  }
}

void TaskStream::Decide(const Status& how) {
  call_.reset();
  if (spec_.resume == Resume::kNo) {
    Finish(how);
    return;
  }
  // the server ends a stream well where all had been seen already; a live one always ends with the task's last record
  if (how) {
    Finish(spec_.task_id.empty() ? Status(Unavailable("the router ended the call without a word")) : Status());
    return;
  }
  const bool no_router = how.error().code == Code::kUnavailable;
  if (!no_router || (!reached_ && spec_.at_first == AtFirst::kMustAnswer)) {
    Finish(how.error());
    return;
  }
  const auto now = steady_clock::now();
  if (!away_since_ || progress_) {
    away_since_ = now;
    pause_ = kFirstPause;
  }
  progress_ = false;
  if (now - *away_since_ > spec_.patience) {
    Finish(how.error());
    return;
  }
  try_again_ = now + pause_;
  pause_ = std::min(2 * pause_, kMaxPause);
}

// Until the pause is over or the router is back (kQuiet), or until `until` (kAway).
StreamState TaskStream::WaitAway(steady_clock::time_point until) {
  const auto now = steady_clock::now();
  const auto end = std::min(until, try_again_);
  if (end > now) {
    const auto wait = std::chrono::duration_cast<milliseconds>(end - now);
    // gRPC connects only while somebody waits on the channel
    const bool back = channel_->WaitForConnected(system_clock::now() + wait);
    if (back) {
      std::this_thread::sleep_for(std::min(wait, kLeastPause));
      return StreamState::kQuiet;
    }
  }
  return steady_clock::now() >= try_again_ ? StreamState::kQuiet : StreamState::kAway;
}

}  // namespace troupe::client
