#include "router/dispatch/timers.h"

#include <algorithm>
#include <chrono>

namespace troupe::dispatch {
namespace {

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Timers::Timers() : thread_([this] { Main(); }) {}

Timers::~Timers() { Stop(); }

Timers::Handle Timers::After(int64_t delay_ms, std::function<void()> work) {
  // A year is as good as never and keeps the sum in range.
  constexpr int64_t kMaxDelayMs = 365LL * 24 * 3600 * 1000;
  const int64_t at_ns = NowNs() + std::clamp<int64_t>(delay_ms, 0, kMaxDelayMs) * 1'000'000;
  std::unique_lock lock(mutex_);
  if (stopping_) return {};
  const Handle handle{at_ns, next_number_++};
  const auto added = planned_.emplace(std::pair(at_ns, handle.number), std::move(work)).first;
  const bool earliest = added == planned_.begin();
  lock.unlock();
  if (earliest) wake_.notify_one();
  return handle;
}

void Timers::Cancel(const Handle& handle) {
  // What the work holds may end in Cancel as well: let go of it outside the lock.
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  const auto found = planned_.find({handle.at_ns, handle.number});
  if (found == planned_.end()) return;
  dropped.swap(found->second);
  planned_.erase(found);
}

void Timers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(planned_);
}

void Timers::Main() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (planned_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const int64_t first_ns = planned_.begin()->first.first;
    if (const int64_t now_ns = NowNs(); first_ns > now_ns) {
      wake_.wait_for(lock, std::chrono::nanoseconds(first_ns - now_ns));
      continue;
    }
    std::function<void()> work = std::move(planned_.begin()->second);
    planned_.erase(planned_.begin());
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace troupe::dispatch
