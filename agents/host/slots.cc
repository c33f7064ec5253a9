#include "agents/host/slots.h"

#include <algorithm>
#include <utility>

#include "runtime/base/check.h"

namespace troupe::host {

Slots::Slots(std::string agent, int slots, int queue_limit, const Clock& clock)
    : agent_(std::move(agent)), slots_(std::max(1, slots)), queue_limit_(std::max(0, queue_limit)), clock_(clock) {}

Status Slots::Wait(const void* key, std::function<void()> start) {
  if (static_cast<int>(waiting_.size()) >= queue_limit_) {
    constexpr double kLeastMs = 10, kMostMs = 10'000;
    return Exhausted("agent " + agent_ + " is full: " + std::to_string(active_) + " steps at work, " +
                         std::to_string(waiting_.size()) + " waiting; try again later or give it more replicas",
                     static_cast<int64_t>(std::clamp(step_ms_, kLeastMs, kMostMs)));
  }
  waiting_.push_back({key, std::move(start)});
  return {};
}

void Slots::Leave(int64_t started_ns) {
  std::function<void()> next;
  {
    std::lock_guard lock(mutex_);
    const double took_ms = static_cast<double>(clock_.MonotonicNs() - started_ns) / 1e6;
    step_ms_ += (took_ms - step_ms_) * 0.1;
    CHECK(active_ > 0);
    --active_;
    if (waiting_.empty() || active_ >= slots_) return;
    ++active_;
    next = std::move(waiting_.front().start);
    waiting_.pop_front();
  }
  next();
}

bool Slots::Remove(const void* key) {
  std::lock_guard lock(mutex_);
  auto found = std::find_if(waiting_.begin(), waiting_.end(), [key](const Waiting& w) { return w.key == key; });
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

Slots::Load Slots::load() const {
  std::lock_guard lock(mutex_);
  return {active_, static_cast<int>(waiting_.size())};
}

}  // namespace troupe::host
