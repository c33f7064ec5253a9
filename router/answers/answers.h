// Answers that are kept, at work: a step whose graph says `cache` goes through here on its way to dispatch, and a whole
// graph's question is looked up here before a task is made of it. router/cache keeps and compares; this folder runs,
// waits and counts.
//
// Owner: the router's main; outlives the tasks. Thread-safe. Stops: Stop, once tasks have been let go and before
// dispatch stops.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/answers/counts.h"
#include "router/answers/flights.h"
#include "router/answers/graph_key.h"
#include "router/answers/job.h"
#include "router/answers/meanings.h"
#include "router/answers/meanings_backup.h"
#include "router/answers/purges.h"
#include "router/answers/world.h"

namespace troupe::answers {

struct AnswersOptions {
  // Of all that is kept; a quarter of it for vectors of questions. 0 keeps nothing, whatever graphs say.
  size_t memory_bytes = 256u << 20;
  BehindOptions behind;
  // Lines about the store behind memory; may be empty.
  std::function<void(const std::string&)> log;
};

// Who really does it.
struct Backend {
  dispatch::Starter start;
  // As Dispatcher::ModelOf.
  ModelOf model_of;
};

class Answers {
 public:
  // `store` is behind memory; null for none. One that is there is waited for, a second at most.
  Answers(const AnswersOptions& options, Backend backend, dispatch::Timers& timers, const Clock& clock,
          std::unique_ptr<cache::BackStore> store = nullptr);
  ~Answers();

  // How the step ends at once, where a fresh answer is kept; nothing where it must be started.
  std::optional<dispatch::StepOutcome> AtHand(const dispatch::StepOrder& order, const StepJob& job);

  // As Dispatcher::Start.
  std::shared_ptr<dispatch::StepCall> Start(dispatch::StepOrder order, StepJob job,
                                            std::shared_ptr<dispatch::StepListener> listener);

  // What a whole graph's answer is called; empty where it cannot be kept: nothing is, its agents have not all been
  // heard of, or it is somebody's and nobody says whose.
  std::string NameOf(const GraphQuestion& question);
  struct GraphAnswer {
    std::string task_id;
    std::string output_json;
    UnixMs made_at_ms = 0;
    bool is_stale = false;
    // What making it has cost.
    int64_t tokens = 0, device_ms = 0, money_micros = 0;
  };
  // Nothing where the graph must be run. `done` may be called at once, or from another thread.
  using OnGraphAnswer = std::function<void(std::optional<GraphAnswer>)>;
  void FindGraph(const std::shared_ptr<const graph::Graph>& graph, const std::string& name, OnGraphAnswer done);
  void KeepGraph(const graph::Graph& graph, const std::string& name, GraphAnswer answer);

  // What would come of a step's question now. `done` may be called at once, or from another thread.
  struct Explained {
    bool hit = false;
    std::string why;
    struct Near {
      std::string text;
      double similarity = 0.0;
      double score = 0.0;
      std::string guard;
    };
    std::vector<Near> near;
  };
  void Explain(dispatch::StepOrder order, StepJob job, std::function<void(Explained)> done);

  // The same of a whole graph's.
  void ExplainGraph(const GraphQuestion& question, const std::function<void(Explained)>& done);

  // Somebody says of the answers that this step of the task was given by meaning (all its steps where `step` is empty)
  // whether they are right. How many those are: 0 where none is known, or somebody has spoken before.
  int Judge(const std::string& task, const std::string& step, bool right);

  // What was kept of that step before now is given no more; of all steps and the graph itself where it is empty. `done`
  // as above. Errors: UNAVAILABLE where a store behind memory could not be told yet.
  void Purge(const std::string& graph, const std::string& step, std::function<void(Status)> done);

  std::map<Counts::Key, Tally> Tallies() const { return counts_.All(); }
  cache::CacheStore::Stats StoreStats() const { return memory_.GetStats(); }
  // What is behind memory; null for nothing.
  Behind* behind() const { return behind_.get(); }
  // Steps under way whose answer will be kept, and those that wait for one of them.
  size_t flights() const { return flights_.size(); }
  size_t waiting() const { return flights_.waiting(); }
  Meanings& meanings() { return meanings_; }
  size_t max_bytes() const { return options_.memory_bytes; }
  bool on() const { return options_.memory_bytes > 0; }

  void Stop();

 private:
  void ExplainByMeaning(const dispatch::StepOrder& order, const StepJob& job, const StepKey& key,
                        const std::function<void(Explained)>& done);
  // As it is given; nothing where it is no graph's answer.
  std::optional<GraphAnswer> Give(const std::string& graph, const cache::Entry& entry);

  const AnswersOptions options_;
  const Backend backend_;
  const Clock& clock_;
  cache::MemoryStore memory_;
  Meanings meanings_;
  GivenByMeaning given_;
  Counts counts_;
  Flights flights_;

  mutable std::mutex mutex_;
  bool stopped_ = false;
  Purges purges_;

  boost::asio::thread_pool pool_;
  // Null where there is no store behind memory.
  const std::shared_ptr<Behind> behind_;
  const std::shared_ptr<MeaningsBackup> backup_;
  Tiers tiers_;
  World world_;
};

}  // namespace troupe::answers
