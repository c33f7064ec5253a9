// One router that wants to know how busy this agent is. Sends what it is given when that differs from what it sent
// last. A reader that is slow misses loads in between, never the newest: that one waits until the connection has taken
// the one before. Offered by the service's pacer, held by the service and by gRPC until the call ends.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "runtime/rpc/server_call.h"
#include "troupe/v1/agent.pb.h"

namespace troupe::host {

class ReportCall final : public rpc::ServerWriteCall<v1::ReportResponse> {
 public:
  // Any thread.
  void Offer(const v1::ReportResponse& load) {
    std::lock_guard lock(offer_mutex_);
    newest_ = load;
    SendNewest();
  }
  bool gone() const { return cancelled(); }

 private:
  void OnDrained() override {
    std::lock_guard lock(offer_mutex_);
    SendNewest();
  }
  void OnCancelled() override { End(Status(Cancelled("the reader went away"))); }

  // With offer_mutex_ held.
  void SendNewest() {
    if (!newest_ || unsent() > 0) return;
    const v1::ReportResponse load = *std::exchange(newest_, std::nullopt);
    std::string bytes = load.SerializeAsString();
    if (sent_ && bytes == last_) return;
    sent_ = true;
    last_ = std::move(bytes);
    Send(load);
  }

  std::mutex offer_mutex_;
  // What is still to be sent.
  std::optional<v1::ReportResponse> newest_;
  bool sent_ = false;
  std::string last_;
};

}  // namespace troupe::host
