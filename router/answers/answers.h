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
#include "router/answers/world.h"

namespace troupe::answers {

struct AnswersOptions {
  // Of all that is kept; a quarter of it for vectors of questions. 0 keeps nothing, whatever graphs say.
  size_t memory_bytes = 256u << 20;
};

// Who really does it.
struct Backend {
  dispatch::Starter start;
  // As Dispatcher::ModelOf.
  ModelOf model_of;
};

class Answers {
 public:
  Answers(const AnswersOptions& options, Backend backend, dispatch::Timers& timers, const Clock& clock);
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
  // Nothing where the graph must be run.
  std::optional<GraphAnswer> FindGraph(const graph::Graph& graph, const std::string& name);
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
  Explained ExplainGraph(const GraphQuestion& question);

  // What was kept of that step before now is given no more; of all steps and the graph itself where it is empty.
  void Purge(const std::string& graph, const std::string& step);

  std::map<Counts::Key, Tally> Tallies() const { return counts_.All(); }
  cache::CacheStore::Stats StoreStats() const { return store_.GetStats(); }
  // Steps under way whose answer will be kept, and those that wait for one of them.
  size_t flights() const { return flights_.size(); }
  size_t waiting() const { return flights_.waiting(); }
  Meanings& meanings() { return meanings_; }
  size_t max_bytes() const { return options_.memory_bytes; }
  bool on() const { return options_.memory_bytes > 0; }

  void Stop();

 private:
  // How often that graph, and that step of it, were purged.
  int64_t PurgedOf(const std::string& graph, const std::string& step) const;

  const AnswersOptions options_;
  const Backend backend_;
  const Clock& clock_;
  cache::MemoryStore store_;
  Meanings meanings_;
  Counts counts_;
  Flights flights_;

  mutable std::mutex mutex_;
  bool stopped_ = false;
  // A step's name of "" stands for the graph and all its steps.
  std::map<Counts::Key, int64_t> purged_;

  boost::asio::thread_pool pool_;
  World world_;
};

}  // namespace troupe::answers
