#include "tests/sim/disk.h"

namespace troupe::sim {

void Disk::Append(const std::string& task, const core::Record& record) {
  queued_.push_back({task, record});
  if (batch_.empty()) BeginBatch();
}

void Disk::BeginBatch() {
  batch_ = std::exchange(queued_, {});
  world_.clock.After(world_.chance.Between(0, 6), [this, life = life_] {
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

void Disk::Crash() {
  ++life_;
  if (!batch_.empty() && world_.chance.OneIn(2)) Write(batch_);
  batch_.clear();
  queued_.clear();
}

bool Disk::IsFinished(const std::string& task, const std::string& path, int attempt) const {
  const auto found = finished_.find(task);
  return found != finished_.end() && found->second.contains({path, attempt});
}

}  // namespace troupe::sim
