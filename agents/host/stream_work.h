// A step on a stream of its own: text goes out as it grows, peers can be asked.
#pragma once

#include <memory>
#include <utility>

#include "agents/host/work_call.h"
#include "runtime/rpc/server_call.h"

namespace troupe::host {

class StreamWork final : public rpc::ServerStreamCall<v1::WorkRequest, v1::WorkResponse>, public WorkCall {
 public:
  using WorkCall::WorkCall;

  void SendEnd(v1::WorkResponse end) override { SendAndEnd(std::move(end)); }
  void EndCall(const Status& status) override { End(status); }

 private:
  using Stream = rpc::ServerStreamCall<v1::WorkRequest, v1::WorkResponse>;

  bool OnMessage(v1::WorkRequest& request) override {
    if (request.has_answer() && has_start_) {
      TakeAnswer(*request.mutable_answer());
      return true;
    }
    if (!request.has_start() || has_start_) {
      const Error wrong = Invalid("a step's stream begins with one Start, then come Answers only");
      has_start_ ? Stop(wrong) : End(Status(wrong));
      return false;
    }
    has_start_ = true;
    Begin(request.start(), Text::kStreams);
    // read on only once something is asked: a step that asks nothing saves a read
    return false;
  }
  void OnInputEnd() override {
    EndAnswers(Cancelled("the router answers no more questions of this step"));
    if (!has_start_) End(Status(Invalid("a step's stream begins with Start")));
  }
  void OnCancelled() override { Stop(Cancelled("the caller went away or its deadline passed")); }
  void OnDrained() override { SendHeldBack(); }

  std::shared_ptr<WorkCall> Self() override { return std::static_pointer_cast<StreamWork>(shared_from_this()); }
  void Send(v1::WorkResponse message) override { Stream::Send(std::move(message)); }
  size_t Unsent() const override { return unsent(); }
  bool ListenForAnswers() override {
    ReadMore();
    return true;
  }

  bool has_start_ = false;
};

}  // namespace troupe::host
