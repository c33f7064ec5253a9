// The records of one task as they become durable, each once and in order, to the task's end. Where the router goes away
// the stream waits for it and goes on after the last record seen. Belongs to one thread at a time; blocks only in Poll
// and Next. Dropping it ends the call, not the task.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/error.h"
#include "troupe/v1/journal.pb.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::client {

// How a task ended.
struct Outcome {
  std::string task_id;
  // OK, or why it has no answer: CANCELLED, DEADLINE_EXCEEDED, or what a step said.
  Status status;
  // JSON; empty where it failed.
  std::string output_json;
  // The step that failed it; empty where none did.
  std::string failed_path;
};

// True for the record that ends a task; fills `outcome` from it.
bool ReadOutcome(const v1::Record& record, Outcome& outcome);

enum class StreamState {
  kRecord,  // a record is there
  kQuiet,   // nothing within the wait
  kAway,    // the same, and the router does not answer: it is tried again
  kEnded,   // over; End() says how
};

// What to do where a router has not answered even once.
enum class AtFirst { kMustAnswer, kMayBeAway };

// Whether a stream survives its calls.
enum class Resume {
  kYes,
  kNo,  // one call, its records as they come, its end as it is: for whoever watches the router itself
};

// How a stream is opened. `run` is set for a task that is handed in by it.
struct TaskStreamSpec {
  std::string task_id;
  int64_t after_sequence = 0;
  v1::Detail detail = v1::DETAIL_TEXT;
  std::optional<v1::SubmitRequest> run;
  std::chrono::milliseconds patience{60'000};
  AtFirst at_first = AtFirst::kMustAnswer;
  Resume resume = Resume::kYes;
};

class TaskStream {
 public:
  TaskStream(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<v1::TaskService::Stub> tasks, TaskStreamSpec spec);
  ~TaskStream();
  TaskStream(const TaskStream&) = delete;
  TaskStream& operator=(const TaskStream&) = delete;

  // Waits at most `wait` for the next record.
  StreamState Poll(std::chrono::milliseconds wait, v1::Record& record);
  // The next record, however long it takes; nothing at the end.
  std::optional<v1::Record> Next();

  // The task's id, once the router has said it.
  const std::string& task_id() const { return spec_.task_id; }
  // The sequence number of the last record given out.
  int64_t last_sequence() const { return spec_.after_sequence; }
  // OK where the task's last record was given out (or had been seen before); valid after kEnded.
  const Status& End() const { return end_; }
  // How the task ended; valid once its last record was given out.
  const Outcome& outcome() const { return outcome_; }

 private:
  class Call;
  template <typename Response>
  class TypedCall;

  void Open();
  // After a call has ended: over for good, or a pause.
  void Decide(const Status& how);
  StreamState WaitAway(std::chrono::steady_clock::time_point until);
  StreamState Finish(Status end);

  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<v1::TaskService::Stub> tasks_;
  TaskStreamSpec spec_;
  std::unique_ptr<Call> call_;
  bool ended_ = false;
  Status end_;
  Outcome outcome_;
  bool reached_ = false;
  // A record came since the last time that the router went away.
  bool progress_ = false;
  std::optional<std::chrono::steady_clock::time_point> away_since_;
  std::chrono::steady_clock::time_point try_again_;
  std::chrono::milliseconds pause_{0};
};

}  // namespace troupe::client
