// The journal of a simulated router: records are queued at once and reach the disk together, some milliseconds later;
// much later where the disk is slow or full for a while. A crash loses what is queued; the batch being written either
// made it or did not, and nobody was told.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "router/core/task.h"
#include "router/rollout/rollout.h"
#include "tests/sim/world.h"

namespace troupe::sim {

// True where the record ends its task.
bool EndsTask(const core::Record& record);

class Disk {
 public:
  using OnWritten = std::function<void(const std::string& task, const core::Record& record)>;
  using OnGraphWritten = std::function<void(const std::string& graph, const rollout::Event& event)>;
  struct GraphEvent {
    std::string graph;
    rollout::Event event;
    // Everything on disk is numbered in order.
    int64_t position = 0;
  };
  struct Place {
    // Tasks count from 1, in the order in which they were accepted.
    int64_t key = 0;
    // Where the record of its end is; 0 for a task that runs.
    int64_t ended_at = 0;
  };

  explicit Disk(World& world) : world_(world) {}

  // The router that lives now; called for each record once it is on disk.
  void Attach(OnWritten on_written) { on_written_ = std::move(on_written); }
  void AttachGraphs(OnGraphWritten on_written) { on_graph_written_ = std::move(on_written); }
  void Append(const std::string& task, const core::Record& record);
  void Append(const std::string& graph, const rollout::Event& event);
  // Written before the world begins.
  void Prepare(const std::string& graph, const rollout::Event& event) { Write({{graph, event, 0}}); }
  void Crash();
  // Nothing is written for a while, as on a full disk.
  void Stall();

  // What a crash leaves.
  const std::map<std::string, std::vector<core::Record>>& tasks() const { return tasks_; }
  const std::map<std::string, Place>& places() const { return places_; }
  const std::vector<GraphEvent>& graph_events() const { return graph_events_; }
  int64_t last_key() const { return static_cast<int64_t>(places_.size()); }
  bool IsFinished(const std::string& task, const std::string& path, int attempt) const;

 private:
  struct Entry {
    // A task's or a graph's.
    std::string name;
    std::variant<core::Record, rollout::Event> what;
    UnixMs at_ms = 0;
  };
  void Queue(Entry entry);
  void BeginBatch();
  void Write(const std::vector<Entry>& batch);

  World& world_;
  OnWritten on_written_;
  std::map<std::string, std::vector<core::Record>> tasks_;
  OnGraphWritten on_graph_written_;
  std::map<std::string, Place> places_;
  std::vector<GraphEvent> graph_events_;
  int64_t position_ = 0;
  std::map<std::string, std::set<std::pair<std::string, int>>> finished_;
  std::vector<Entry> queued_;
  std::vector<Entry> batch_;
  int64_t life_ = 0;
  UnixMs writable_ms_ = 0;
};

}  // namespace troupe::sim
