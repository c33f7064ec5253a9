// One router that wants to know how busy this agent is. Sends what it is given when that differs from what it sent
// last.
#pragma once

#include <atomic>
#include <string>

#include "runtime/rpc/server_call.h"
#include "troupe/v1/agent.pb.h"

namespace troupe::host {

class ReportCall final : public rpc::ServerWriteCall<v1::ReportResponse> {
 public:
  // From one thread at a time.
  void Offer(const v1::ReportResponse& load) {
    // a reader that is slow gets the newest load once it has read the one before
    if (unsent() > 0) return;
    std::string bytes = load.SerializeAsString();
    if (sent_ && bytes == last_) return;
    sent_ = true;
    last_ = std::move(bytes);
    Send(load);
  }
  bool gone() const { return cancelled(); }

 private:
  void OnCancelled() override { End(Status(Cancelled("the reader went away"))); }

  bool sent_ = false;
  std::string last_;
};

}  // namespace troupe::host
