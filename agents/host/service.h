// An agent as gRPC sees it: AgentService over one Kind. Checks what comes in, hands it to a slot, remembers what is
// done, reports the load. Owned by main (or a test), together with the Kind, which outlives it. Runs on gRPC's and the
// kind's threads, and one of its own that paces reports. Stops: Drain refuses new steps; WaitIdle; HandBack ends what
// is left as UNAVAILABLE, so that the router sends it elsewhere.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "agents/host/kind.h"
#include "agents/host/memory.h"
#include "agents/host/recent_prefixes.h"
#include "agents/host/slots.h"
#include "agents/host/text_turns.h"
#include "runtime/base/clock.h"
#include "runtime/kind/kind.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::host {

class WorkCall;
class ReportCall;

class Service final : public v1::AgentService::CallbackService {
 public:
  // `declared` is the kind's kind.yaml.
  Service(Spec spec, const kind::Kind& declared, Kind& kind, const Clock& clock = SystemClock(),
          MemoryLimits limits = {});
  ~Service() override;

  void Drain();
  // True where nothing is at work or waiting any more.
  bool WaitIdle(std::chrono::milliseconds limit);
  void HandBack();

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest* request,
                                     v1::DescribeResponse* response) override;
  grpc::ServerBidiReactor<v1::WorkRequest, v1::WorkResponse>* Work(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext* context, const v1::DoRequest* request,
                               v1::DoResponse* response) override;
  grpc::ServerWriteReactor<v1::ReportResponse>* Report(grpc::CallbackServerContext* context,
                                                       const v1::ReportRequest* request) override;

 private:
  friend class WorkCall;
  friend class ReportCall;

  // For WorkCall. Admit: what the step may do now; ends the call where it may not go on.
  void Admit(const std::shared_ptr<WorkCall>& call, const v1::Start& start);
  void Start(const std::shared_ptr<WorkCall>& call);
  void Forget(WorkCall& call);
  void Finished(WorkCall& call);
  void Abandoned(WorkCall& call);

  v1::ReportResponse CurrentLoad() const;
  void LoadChanged();
  void PaceReports();

  const Spec spec_;
  const kind::Kind& declared_;
  Kind& kind_;
  const Facts facts_;
  const Clock& clock_;
  Slots slots_;
  TextTurns turns_;
  Memory memory_;
  RecentPrefixes prefixes_;
  // Generated tokens a step may cost by kind and graph; 0 for no limit.
  const int64_t token_limit_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  bool draining_ = false;
  // Every step between Admit and its end, by idempotency key (or by address, where it has none).
  std::unordered_map<std::string, std::weak_ptr<WorkCall>> running_;

  std::mutex report_mutex_;
  std::condition_variable report_wanted_;
  std::vector<std::shared_ptr<ReportCall>> reports_;
  std::atomic<bool> load_changed_{false};
  bool stopping_ = false;
  std::thread pacer_;
};

}  // namespace troupe::host
