#include "router/dispatch/dispatcher.h"

#include <fstream>
#include <sstream>
#include <utility>

namespace troupe::dispatch {
Dispatcher::Dispatcher(DispatcherOptions options, Timers& timers, const Clock& clock)
    : options_(std::move(options)), timers_(timers), clock_(clock) {}

Dispatcher::~Dispatcher() { Stop(); }

std::shared_ptr<Pool> Dispatcher::PoolOf(const std::string& graph, const std::string& agent) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Pool>& pool = pools_[{graph, agent}];
  if (!pool) pool = std::make_shared<Pool>(agent, options_.max_waiting);
  return pool;
}

void Dispatcher::SetReplicas(const std::vector<ReplicaEntry>& entries) {
  std::vector<std::shared_ptr<Replica>> gone;
  std::vector<std::shared_ptr<Replica>> fresh;
  std::map<PoolKey, std::vector<std::shared_ptr<Replica>>> by_agent;
  for (const ReplicaEntry& entry : entries) (void)PoolOf(entry.graph, entry.agent);
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    std::map<PoolKey, std::shared_ptr<Replica>> now;
    for (const auto& [key, pool] : pools_) by_agent[key];
    for (const ReplicaEntry& entry : entries) {
      const PoolKey key{entry.graph, entry.replica};
      const std::shared_ptr<Pool> pool = pools_[{entry.graph, entry.agent}];
      std::shared_ptr<Replica> replica;
      if (const auto old = replicas_.find(key); old != replicas_.end() && old->second->entry() == entry) {
        replica = old->second;
      } else {
        Result<std::shared_ptr<Replica>> opened =
            Replica::Open(entry, {timers_, clock_, census_, options_.breaker},
                          {.on_change = [pool] { pool->Pump(); }, .log = options_.log});
        if (!opened) {
          Log("replica " + entry.replica + " cannot be used: " + opened.error().message);
          continue;
        }
        replica = *opened;
        fresh.push_back(replica);
      }
      now[key] = replica;
      by_agent[{entry.graph, entry.agent}].push_back(replica);
    }
    for (const auto& [key, replica] : replicas_) {
      const auto kept = now.find(key);
      if (kept == now.end() || kept->second != replica) gone.push_back(replica);
    }
    replicas_ = std::move(now);
    entries_ = entries;
  }
  for (auto& [key, replicas] : by_agent) PoolOf(key.first, key.second)->SetReplicas(std::move(replicas));
  for (const auto& replica : gone) replica->Stop();
  for (const auto& replica : fresh) replica->Connect();
}

Status Dispatcher::FollowList(const std::filesystem::path& file) {
  list_file_ = file;
  if (std::filesystem::exists(file)) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    list_text_ = text.str();
    TRY_ASSIGN(const std::vector<ReplicaEntry> entries, ParseReplicaList(list_text_, file.string()));
    SetReplicas(entries);
  }
  PlanLookAtList();
  return {};
}

void Dispatcher::PlanLookAtList() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  // The member makes Stop wait for a look that is under way.
  list_timer_ = timers_.After(options_.list_poll_ms,
                              [this, member = std::make_shared<Census::Member>(census_)] { LookAtList(); });
}

void Dispatcher::LookAtList() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
  }
  std::ifstream file(list_file_, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (file && text.str() != list_text_) {
    list_text_ = text.str();
    if (Result<std::vector<ReplicaEntry>> entries = ParseReplicaList(list_text_, list_file_.string()); entries) {
      SetReplicas(*entries);
    } else {
      Log(entries.error().message + "; the list read before is kept");
    }
  }
  PlanLookAtList();
}

std::shared_ptr<StepCall> Dispatcher::Start(StepOrder order, std::shared_ptr<StepListener> listener) {
  const std::shared_ptr<Pool> pool = PoolOf(order.graph, order.agent);
  if (order.hedge_percent > 0) return StartHedged(std::move(order), std::move(listener), pool);
  auto run =
      std::make_shared<StepRun>(std::move(order), std::move(listener), pool, timers_, clock_, options_.limits, census_);
  run->Start();
  return run;
}

std::shared_ptr<StepCall> Dispatcher::StartHedged(StepOrder order, std::shared_ptr<StepListener> listener,
                                                  const std::shared_ptr<Pool>& pool) {
  const auto make = [this, pool](StepOrder one, std::shared_ptr<StepListener> ear) {
    return std::make_shared<StepRun>(std::move(one), std::move(ear), pool, timers_, clock_, options_.limits, census_);
  };
  const auto after = [this](int64_t delay_ms, std::function<void()> work) { timers_.After(delay_ms, std::move(work)); };
  auto run = std::make_shared<HedgedRun>(std::move(order), std::move(listener), pool->hedging(),
                                         HedgeTools{make, after, clock_, census_});
  run->Start();
  return run;
}

std::shared_ptr<StepCall> Dispatcher::StartDecompose(StepOrder order, DecomposeJob job,
                                                     std::shared_ptr<StepListener> listener) {
  Starter starter = [this](StepOrder inner, std::shared_ptr<StepListener> inner_listener) {
    return Start(std::move(inner), std::move(inner_listener));
  };
  if (job.step->by == graph::DecomposeStep::By::kPlanner) {
    auto run = std::make_shared<PlannerRun>(std::move(order), job, std::move(listener), std::move(starter), timers_);
    run->Start();
    return run;
  }
  auto run = std::make_shared<DecomposeRun>(std::move(order), std::move(job), std::move(listener), std::move(starter),
                                            skills_, timers_);
  run->Start();
  return run;
}

Result<std::string> Dispatcher::ModelOf(const std::string& graph, const std::string& agent) const {
  std::shared_ptr<Pool> pool;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = pools_.find({graph, agent}); found != pools_.end()) pool = found->second;
  }
  std::optional<std::string> model;
  for (const auto& replica : pool ? pool->replicas() : std::vector<std::shared_ptr<Replica>>()) {
    std::optional<std::string> said = replica->DescribedModel();
    if (!said) continue;
    if (model && *model != *said) {
      return FailedPrecondition("the replicas of agent " + agent + " have different models: nothing is kept meanwhile");
    }
    model = std::move(said);
  }
  if (!model) return Unavailable("no replica of agent " + agent + " has said yet which model it has");
  return std::move(*model);
}

std::vector<Dispatcher::ReplicaView> Dispatcher::Replicas(const std::string& graph) const {
  const std::lock_guard lock(mutex_);
  std::vector<ReplicaView> out;
  for (const ReplicaEntry& entry : entries_) {
    if (entry.graph != graph) continue;
    const auto found = replicas_.find({entry.graph, entry.replica});
    if (found != replicas_.end()) {
      out.push_back({entry, found->second->GetSnapshot()});
    } else {
      out.push_back({entry, {.problem = "its address " + entry.address + " cannot be used; see the router's log"}});
    }
  }
  return out;
}

void Dispatcher::Stop() {
  std::map<PoolKey, std::shared_ptr<Replica>> replicas;
  std::map<PoolKey, std::shared_ptr<Pool>> pools;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    replicas.swap(replicas_);
    pools.swap(pools_);
    timers_.Cancel(list_timer_);
  }
  for (const auto& [key, replica] : replicas) replica->Stop();
  for (const auto& [key, pool] : pools) pool->SetReplicas({});
  replicas.clear();
  // Cancelled calls end within moments; a step that nobody cancelled would hold this up, so there is a limit.
  (void)census_.WaitEmpty(std::chrono::seconds(10));
}

}  // namespace troupe::dispatch
