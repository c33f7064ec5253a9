// Carries out the core's decision to start a step: finds the pool of its agent's replicas and sends it on its way.
//
// Owner: the router's main. Thread-safe. Stops: Stop, after those who gave orders have cancelled them; it disconnects
// from the replicas and waits for calls to end.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/dispatch/census.h"
#include "router/dispatch/decompose_run.h"
#include "router/dispatch/hedged_run.h"
#include "router/dispatch/planner_run.h"
#include "router/dispatch/pool.h"
#include "router/dispatch/step.h"
#include "router/dispatch/step_run.h"

namespace troupe::dispatch {

struct DispatcherOptions {
  // Steps that may wait for a replica of one agent.
  size_t max_waiting = 16'384;
  StepRunLimits limits;
  BreakerOptions breaker;
  // How often the list of replicas is looked at.
  int64_t list_poll_ms = 250;
  // Lines for the router's log; may be empty.
  std::function<void(const std::string&)> log;
};

class Dispatcher {
 public:
  struct ReplicaView {
    ReplicaEntry entry;
    Replica::Snapshot snapshot;
  };

  Dispatcher(DispatcherOptions options, Timers& timers, const Clock& clock);
  ~Dispatcher();

  // These and no others. Steps at replicas that are gone are left to end there.
  void SetReplicas(const std::vector<ReplicaEntry>& entries);
  // The same from a file, now and whenever it changes. A file that is wrong later on is logged and the last list kept;
  // one that is not there yet is waited for. Errors: INVALID_ARGUMENT where it is wrong now.
  Status FollowList(const std::filesystem::path& file);

  std::shared_ptr<StepCall> Start(StepOrder order, std::shared_ptr<StepListener> listener);
  std::shared_ptr<StepCall> StartDecompose(StepOrder order, DecomposeJob job, std::shared_ptr<StepListener> listener);

  // The digest of the weights that all replicas of a graph's agent have said they have; empty for a kind without a
  // model. Errors: UNAVAILABLE while none has said anything; FAILED_PRECONDITION where they differ.
  Result<std::string> ModelOf(const std::string& graph, const std::string& agent) const;

  // The replicas of a graph, in the order of the list.
  std::vector<ReplicaView> Replicas(const std::string& graph) const;

  void Stop();

 private:
  using PoolKey = std::pair<std::string, std::string>;

  std::shared_ptr<StepCall> StartHedged(StepOrder order, std::shared_ptr<StepListener> listener,
                                        const std::shared_ptr<Pool>& pool);
  std::shared_ptr<Pool> PoolOf(const std::string& graph, const std::string& agent);
  void LookAtList();
  void PlanLookAtList();
  void Log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  const DispatcherOptions options_;
  Timers& timers_;
  const Clock& clock_;
  const std::shared_ptr<SkillCache> skills_ = std::make_shared<SkillCache>();
  Census census_;

  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::map<PoolKey, std::shared_ptr<Pool>> pools_;
  std::vector<ReplicaEntry> entries_;
  std::map<PoolKey, std::shared_ptr<Replica>> replicas_;  // by graph and replica

  Timers::Handle list_timer_;

  // One thread at a time: FollowList, then the timers'.
  std::filesystem::path list_file_;
  std::string list_text_;
};

}  // namespace troupe::dispatch
