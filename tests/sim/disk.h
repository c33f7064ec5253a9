// The journal of a simulated router: records are queued at once and reach the disk together, some milliseconds later;
// much later where the disk is slow or full for a while. A crash loses what is queued; the batch being written either
// made it or did not, and nobody was told.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "router/core/task.h"
#include "tests/sim/world.h"

namespace troupe::sim {

class Disk {
 public:
  using OnWritten = std::function<void(const std::string& task, const core::Record& record)>;

  explicit Disk(World& world) : world_(world) {}

  // The router that lives now; called for each record once it is on disk.
  void Attach(OnWritten on_written) { on_written_ = std::move(on_written); }
  void Append(const std::string& task, const core::Record& record);
  void Crash();
  // Nothing is written for a while, as on a full disk.
  void Stall();

  // What a crash leaves.
  const std::map<std::string, std::vector<core::Record>>& tasks() const { return tasks_; }
  bool IsFinished(const std::string& task, const std::string& path, int attempt) const;

 private:
  struct Entry {
    std::string task;
    core::Record record;
    UnixMs at_ms = 0;
  };
  void BeginBatch();
  void Write(const std::vector<Entry>& batch);

  World& world_;
  OnWritten on_written_;
  std::map<std::string, std::vector<core::Record>> tasks_;
  std::map<std::string, std::set<std::pair<std::string, int>>> finished_;
  std::vector<Entry> queued_;
  std::vector<Entry> batch_;
  int64_t life_ = 0;
  UnixMs writable_ms_ = 0;
};

}  // namespace troupe::sim
