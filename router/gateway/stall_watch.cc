#include "router/gateway/stall_watch.h"

#include <utility>
#include <vector>

#include "runtime/base/time_units.h"

namespace troupe::gateway {

void StallWatch::Wait(const std::shared_ptr<Call>& call) {
  const std::lock_guard lock(mutex_);
  waiting_[call.get()] = {call, clock_.MonotonicNs()};
  PlanCheck();
}

void StallWatch::Came(const Call* call) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(call);
}

void StallWatch::Check() {
  std::vector<std::shared_ptr<Call>> stalled;
  {
    const std::lock_guard lock(mutex_);
    const int64_t latest_ns = clock_.MonotonicNs() - limit_ms_ * kNsPerMs;
    std::erase_if(waiting_, [&](const auto& entry) {
      const auto& [key, waiting] = entry;
      if (waiting.since_ns > latest_ns) return false;
      if (auto call = waiting.call.lock()) stalled.push_back(std::move(call));
      return true;
    });
  }
  for (const auto& call : stalled) call->OnStalled();
}

void StallWatch::PlanCheck() {
  if (timers_ == nullptr || std::exchange(planned_, true)) return;
  timers_->After(check_ms_, [this] {
    Check();
    const std::lock_guard lock(mutex_);
    planned_ = false;
    if (!waiting_.empty()) PlanCheck();
  });
}

}  // namespace troupe::gateway
