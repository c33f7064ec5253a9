// One replica of an agent, as the router sees it: a channel, what it says of itself (Describe), how busy it is
// (Report), how many of our steps are with it and whether they end well there (see breaker.h). Connects by itself, and
// again with pauses after a loss.
//
// Owner: the Dispatcher, in shared pointers; steps under way hold one too. Thread-safe. Stop ends its calls and
// reconnects no more.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "router/dispatch/breaker.h"
#include "router/dispatch/census.h"
#include "router/dispatch/policy.h"
#include "router/dispatch/replica_list.h"
#include "router/dispatch/timers.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/rpc/client_call.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::dispatch {

class Replica : public std::enable_shared_from_this<Replica> {
 public:
  struct Events {
    // Steps may be sent to it now, or no more.
    std::function<void()> on_change;
    // For the router's log.
    std::function<void(const std::string&)> log;
  };

  struct Snapshot {
    bool ready = false;
    // Why not, where it is not.
    std::string problem;
    Circuit circuit = Circuit::kClosed;
    int active = 0;
    int queued = 0;
    int64_t done = 0;
    v1::DescribeResponse description;
  };

  // What all replicas work with; outlives them.
  struct World {
    Timers& timers;
    const Clock& clock;
    Census& census;
    BreakerOptions breaker;
  };

  // Errors: those of rpc::OpenChannel.
  static Result<std::shared_ptr<Replica>> Open(const ReplicaEntry& entry, const World& world, Events events);

  void Connect();
  void Stop();

  const ReplicaEntry& entry() const { return entry_; }
  v1::AgentService::Stub& stub() { return *stub_; }
  // For a step whose input begins so (runtime/base/prefix.h).
  Candidate AsCandidate(std::span<const uint64_t> prefixes) const;
  Snapshot GetSnapshot() const;
  std::string ModelDigest() const;
  // The same; nothing before it has described itself for the first time.
  std::optional<std::string> DescribedModel() const;
  // No step of it streams text or asks a peer: Do serves it.
  bool AnswersOnce() const { return answers_once_.load(std::memory_order_relaxed); }

  // A step is about to be sent to it.
  void Take();
  // It has ended there, and how; nothing where that says nothing of the replica, or MarkBroken has said it.
  void GiveBack(std::optional<Code> end);

  // A call to it broke. It gets no steps until it has answered anew.
  void MarkBroken(const std::string& problem);

 private:
  Replica(ReplicaEntry entry, const World& world, Events events)
      : member_(world.census),
        entry_(std::move(entry)),
        timers_(world.timers),
        clock_(world.clock),
        events_(std::move(events)),
        breaker_(world.breaker) {}
  void OnDescribed(Result<v1::DescribeResponse> description);
  void OnReport(const v1::ReportResponse& report);
  void OnLost(const Error& error);
  int64_t NowMs() const { return clock_.MonotonicNs() / 1'000'000; }
  // Need the lock.
  void Judge(Verdict verdict);
  std::string WhyNotTrusted() const;
  int SharedWith(std::span<const uint64_t> prefixes) const;

  const Census::Member member_;
  const ReplicaEntry entry_;
  Timers& timers_;
  const Clock& clock_;
  const Events events_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  std::atomic<int> in_flight_{0};
  std::atomic<int64_t> done_{0};
  std::atomic<bool> answers_once_{false};

  mutable std::mutex mutex_;
  bool stopped_ = false;
  bool connecting_ = false;
  bool ready_ = false;
  std::string problem_ = "not connected yet";
  int64_t pause_ms_ = 0;
  v1::DescribeResponse description_;
  bool described_ = false;
  v1::ReportResponse report_;
  rpc::ClientReader<v1::ReportResponse> report_call_;
  std::function<void()> cancel_describe_;
  Timers::Handle reconnect_;
  Breaker breaker_;
  Timers::Handle half_open_;
};

}  // namespace troupe::dispatch
