#include "tests/sim/disk.h"

#include <algorithm>

namespace troupe::sim {

bool EndsTask(const core::Record& record) {
  return std::any_of(record.decisions.begin(), record.decisions.end(), [](const core::Decision& decision) {
    return std::holds_alternative<core::FinishTask>(decision) || std::holds_alternative<core::FailTask>(decision);
  });
}

void Disk::Append(const std::string& task, const core::Record& record) { Queue({task, record, world_.clock.now_ms()}); }

void Disk::Append(const std::string& graph, const rollout::Event& event) {
  Queue({graph, event, world_.clock.now_ms()});
}

void Disk::Queue(Entry entry) {
  queued_.push_back(std::move(entry));
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
      if (life != life_) return;
      if (const auto* record = std::get_if<core::Record>(&entry.what)) on_written_(entry.name, *record);
      if (const auto* event = std::get_if<rollout::Event>(&entry.what)) on_graph_written_(entry.name, *event);
    }
  });
}

void Disk::Write(const std::vector<Entry>& batch) {
  for (const Entry& entry : batch) {
    ++position_;
    if (const auto* event = std::get_if<rollout::Event>(&entry.what)) {
      graph_events_.push_back({entry.name, *event, position_});
      continue;
    }
    const auto& record = std::get<core::Record>(entry.what);
    tasks_[entry.name].push_back(record);
    Place& place = places_[entry.name];
    if (place.key == 0) place.key = last_key();
    if (EndsTask(record)) place.ended_at = position_;
    const auto* done = std::get_if<core::StepDone>(&record.event);
    if (done != nullptr) finished_[entry.name].emplace(done->path, done->attempt);
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
