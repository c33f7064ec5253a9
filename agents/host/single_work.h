// A step that is answered once: no text before the end, no questions.
#pragma once

#include <memory>

#include "agents/host/work_call.h"
#include "runtime/rpc/server_call.h"

namespace troupe::host {

class SingleWork final : public rpc::ServerUnaryCall, public WorkCall {
 public:
  SingleWork(Service& service, v1::DoResponse& response) : WorkCall(service), response_(response) {}

  void Start(const v1::DoRequest& request) {
    if (!request.has_start()) return End(Status(Invalid("start: a step to do must be given")));
    Begin(request.start(), Text::kQuiet);
  }

  void SendEnd(v1::WorkResponse end) override {
    // a call that was stopped has ended, and its response is gone
    if (!Claim()) return;
    if (end.has_done()) {
      response_.mutable_done()->Swap(end.mutable_done());
    } else {
      response_.mutable_failed()->Swap(end.mutable_failed());
    }
    Finish(grpc::Status::OK);
  }
  void EndCall(const Status& status) override { End(status); }

 private:
  void OnCancelled() override { Stop(Cancelled("the caller went away or its deadline passed")); }

  std::shared_ptr<WorkCall> Self() override { return std::static_pointer_cast<SingleWork>(shared_from_this()); }
  void Send(v1::WorkResponse) override {}
  size_t Unsent() const override { return 0; }
  bool ListenForAnswers() override { return false; }

  v1::DoResponse& response_;
};

}  // namespace troupe::host
