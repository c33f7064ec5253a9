#include "tests/sim/disk.h"

#include <algorithm>

namespace troupe::sim {

void Disk::Append(const std::string& task, const core::Record& record) {
  queued_.push_back({task, record, world_.clock.now_ms()});
  if (batch_.empty()) BeginBatch();
}

void Disk::BeginBatch() {
  batch_ = std::exchange(queued_, {});
  const int64_t takes_ms = world_.chance.OneIn(60) ? world_.chance.Between(20, 300) : world_.chance.Between(0, 6);
  const int64_t stalled_ms = std::max<int64_t>(0, writable_ms_ - world_.clock.now_ms());
  world_.clock.After(stalled_ms + takes_ms, [this, life = life_] {
    if (life != life_) return;
    const std::vector<Entry> batch = std::exchange(batch_, {});
    Write(batch);
    if (!queued_.empty()) BeginBatch();
    for (const Entry& entry : batch) {
      if (life == life_) on_written_(entry.task, entry.record);
    }
  });
}

void Disk::Write(const std::vector<Entry>& batch) {
  for (const Entry& entry : batch) {
    tasks_[entry.task].push_back(entry.record);
    const auto* done = std::get_if<core::StepDone>(&entry.record.event);
    if (done != nullptr) finished_[entry.task].emplace(done->path, done->attempt);
  }
}

void Disk::Stall() {
  ++world_.outcome.disk_stalls;
  writable_ms_ = world_.clock.now_ms() + world_.chance.Between(50, 800);
  world_.Trace("disk: nothing can be written");
}

void Disk::Crash() {
  ++life_;
  if (!batch_.empty() && world_.chance.OneIn(2)) Write(std::exchange(batch_, {}));
  batch_.insert(batch_.end(), queued_.begin(), queued_.end());
  // What was done since then is to be done again.
  if (!batch_.empty()) world_.lost_ms += world_.clock.now_ms() - batch_.front().at_ms;
  batch_.clear();
  queued_.clear();
}

bool Disk::IsFinished(const std::string& task, const std::string& path, int attempt) const {
  const auto found = finished_.find(task);
  return found != finished_.end() && found->second.contains({path, attempt});
}

}  // namespace troupe::sim
