// The graphs that tasks can be handed to: which versions new tasks run on, and every version that an unfinished task
// may still be on. All of them, and what happened to them, are in the journal.
//
// Owner: Router. Thread-safe. What changes something waits for the disk; picking a version for a new task and counting
// one that ended do not.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "router/gateway/version_view.h"
#include "router/graph/graph.h"
#include "router/graph/parse.h"
#include "router/journal/journal.h"
#include "router/rollout/rollout.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::gateway {

class Graphs {
 public:
  using GraphPtr = std::shared_ptr<const graph::Graph>;

  struct Applied {
    // Null where there are errors among the findings.
    GraphPtr graph;
    bool changed = false;
    // Of a hundred new tasks so many run on it.
    int percent = 0;
    std::vector<graph::Finding> findings;
  };
  // What a start with a graph's file has led to.
  struct Started {
    // The file's; null where there are errors among the findings.
    GraphPtr graph;
    std::vector<graph::Finding> findings;
    rollout::AtStart::Outcome outcome = rollout::AtStart::Outcome::kAsBefore;
    // As it is now.
    rollout::Rollout rollout;
  };
  struct Entry {
    GraphPtr graph;
    v1::GraphSource source;
    UnixMs applied_ms = 0;
  };
  // What a wish of Promote or RollBack has led to.
  struct Moved {
    std::string current;
    // The canary that was ended, or the version that was current before.
    std::string other;
  };
  struct Listed {
    GraphPtr graph;
    UnixMs applied_ms = 0;
    std::string previous;
    std::optional<CanaryView> canary;
  };
  struct Versions {
    std::vector<journal::GraphRow> rows;
    rollout::Rollout rollout;
    std::optional<CanaryView> canary;
  };

  Graphs(journal::Journal& journal, const Clock& clock, std::function<void(const std::string&)> log)
      : journal_(journal), clock_(clock), log_(std::move(log)) {}

  // Whether every agent of a graph has a replica that is ready. A canary gets no tasks before that was so once since
  // the router started: its agents may be on their way, and what waits for them is not the canary's fault. Call before
  // tasks are taken in. Without it canaries get theirs at once.
  void AskWhoIsThere(std::function<bool(const graph::Graph&)> all_are_there) {
    all_are_there_ = std::move(all_are_there);
  }

  // What the journal holds. A current graph that this release refuses is logged and left out.
  Status Load();

  // Checks and makes current, or tries out on a share of new tasks. Errors: those of the journal and of
  // rollout::DecideCanary; a wrong graph is no error here but has findings.
  Result<Applied> Apply(graph::GraphSource source, const std::optional<rollout::CanaryRule>& canary = {});
  // The router is started with this graph's file: see rollout::DecideAtStart. Errors: those of the journal, where it
  // has to be applied.
  Result<Started> ApplyAtStart(graph::GraphSource source);
  // The canary becomes current. `version` is the one that is meant or how it begins, empty for whichever. Errors:
  // NOT_FOUND, and those of rollout::DecidePromote.
  Result<Moved> Promote(const std::string& name, const std::string& version);
  // Errors: NOT_FOUND, also for a version; those of rollout::DecideRollBack; FAILED_PRECONDITION where this release
  // refuses the version.
  Result<Moved> RollBack(const std::string& name, const std::string& version, const std::string& reason);

  // The version that a new task runs on; `key` is its request_id, or its id where it has none. Errors: NOT_FOUND.
  Result<GraphPtr> Pick(const std::string& name, const std::string& key) const;
  // Whether anything is tried out: without that, ends need not be noted.
  bool HasCanaries() const { return canaries_ > 0; }
  // A task has ended, done or failed. True where its graph's canary has become too bad: RollBackCanary must follow, on
  // a thread that may wait.
  bool NoteEnd(const graph::Graph& graph, journal::TaskKey key, core::TaskStatus status,
               const core::StudentTally& students);
  // Looks again, and goes back where it has to be.
  void RollBackCanary(const std::string& name);

  // Errors: NOT_FOUND; FAILED_PRECONDITION where this release refuses it.
  Result<GraphPtr> Version(const std::string& name, const std::string& version);
  // With its source; the current one where `version` is empty. The beginning of a version will do.
  Result<Entry> Get(const std::string& name, const std::string& version);
  // The current ones, by name.
  std::vector<Listed> List() const;
  // Newest first. Errors: NOT_FOUND.
  Result<Versions> ListVersions(const std::string& name) const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct Held {
    rollout::Rollout rollout;
    // Of tasks taken in since the canary began.
    rollout::Tally on_canary;
    rollout::Tally on_current;
    // A task has ended. False where that says nothing about the canary.
    bool Count(const std::string& version, journal::TaskKey key, const rollout::Tally& ended);
    // So many of its tasks have ended; there is a canary.
    void Add(const std::string& version, const rollout::Tally& ended);
  };

  Result<Entry> ParseRow(const journal::GraphRow& row) const;
  Status LoadOne(const journal::GraphRow& current, const std::vector<journal::GraphRow>& rows,
                 rollout::Rollout rollout);
  // Counts what the journal knows of the canary's tasks.
  Status CountAgain(const std::string& name);
  // Goes back where the canary has become too bad. Needs change_mutex_.
  void JudgeCanary(const std::string& name);
  // A version that comes from outside, with the event that it leads to. Needs change_mutex_.
  enum class Becomes { kCurrent, kCanary };
  Status Take(const GraphPtr& graph, const graph::GraphSource& source, Becomes becomes, rollout::What what);
  // Writes down and folds. Needs change_mutex_.
  Status Record(const std::string& name, journal::GraphRow row, rollout::What what);
  // Whether the agents of a version that is picked for a task were there. Needs mutex_.
  bool MayHaveTasks(const Key& version) const;
  // A version that is to be current, read and understood by this release.
  Result<journal::GraphRow> CurrentRow(const std::string& name, const std::string& version);
  // Errors: NOT_FOUND.
  Result<rollout::Rollout> RolloutOf(const std::string& name) const;
  Result<std::string> FullVersion(const std::string& name, const std::string& beginning) const;
  Error NoGraph(const std::string& name) const;
  void Log(const std::string& line) const {
    if (log_) log_(line);
  }

  journal::Journal& journal_;
  const Clock& clock_;
  const std::function<void(const std::string&)> log_;
  // One change at a time, so that the last one answered is what holds.
  std::mutex change_mutex_;
  // Never held while the disk is waited for.
  mutable std::mutex mutex_;
  std::map<std::string, Held> named_;
  // The graph whose change is being written, and what will hold once it is: ends are counted for that already, so that
  // none is missed in between.
  std::optional<std::pair<std::string, Held>> next_;
  std::map<Key, Entry> versions_;
  std::function<bool(const graph::Graph&)> all_are_there_;
  // Canaries whose agents were all there.
  mutable std::set<Key> there_;
  // Canaries that are tried out or about to be: without any, nothing is counted.
  std::atomic<int> canaries_{0};
};

}  // namespace troupe::gateway
