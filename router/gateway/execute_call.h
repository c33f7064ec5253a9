// One client that hands a task in and waits for its end. Owner: gRPC, until the call has ended; the task's runner while
// it waits. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "router/gateway/kept_answer.h"
#include "router/gateway/task_view.h"
#include "router/gateway/tasks.h"
#include "runtime/rpc/server_call.h"

namespace troupe::gateway {

class ExecuteCall final : public rpc::ServerUnaryCall {
 public:
  ExecuteCall(Tasks& tasks, v1::ExecuteResponse& response) : tasks_(tasks), response_(response) {}

  // Answers when the task has ended and its last record is durable.
  void WaitFor(const std::shared_ptr<TaskRunner>& runner) {
    waits_ = true;
    runner->WhenEnded([self = Self(), runner](const Status& ended) {
      if (!self->Claim()) return;
      if (ended) runner->FillAnswer(*self->response_.mutable_task());
      self->Finish(rpc::ToGrpc(ended));
    });
  }
  bool waits() const { return waits_; }

  // An earlier task's answer, in place of a task.
  void AnswerWith(const Tasks::Kept& kept) {
    if (!Claim()) return;
    FillKept(kept, response_);
    Finish(grpc::Status::OK);
  }

  // For a task that ended before. Reads the journal.
  void AnswerFrom(const journal::TaskRow& row) {
    const Result<core::TaskState> state = tasks_.ReadState(row);
    if (!Claim()) return;
    if (state) FillTask(row.task.uuid, *state, *response_.mutable_task(), TaskInput::kLeftOut);
    Finish(rpc::ToGrpc(state ? Status() : Status(state.error())));
  }

 private:
  void OnCancelled() override { End(Status(Cancelled("the client went away; the task goes on"))); }
  std::shared_ptr<ExecuteCall> Self() { return std::static_pointer_cast<ExecuteCall>(shared_from_this()); }

  Tasks& tasks_;
  v1::ExecuteResponse& response_;
  // Set before the task begins or after it was found: never at the same time.
  std::atomic<bool> waits_{false};
};

}  // namespace troupe::gateway
