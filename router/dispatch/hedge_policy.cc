#include "router/dispatch/hedge_policy.h"

#include <algorithm>

namespace troupe::dispatch {

std::optional<int64_t> HedgePolicy::OnStart(int percent) {
  const std::lock_guard lock(mutex_);
  saved_ = std::min(kMost, saved_ + percent);
  const size_t seen = std::min(heard_, kWindow);
  if (seen < least_) return std::nullopt;
  std::array<int64_t, kWindow> sorted = heard_us_;
  const size_t rank = (95 * seen + 99) / 100 - 1;
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + seen);
  return sorted[rank] / 1000 + 1;
}

void HedgePolicy::OnHeard(int64_t after_us) {
  const std::lock_guard lock(mutex_);
  heard_us_[heard_ % kWindow] = after_us;
  ++heard_;
}

bool HedgePolicy::Take() {
  const std::lock_guard lock(mutex_);
  if (saved_ < kTry) return false;
  saved_ -= kTry;
  return true;
}

void HedgePolicy::GiveBack() {
  const std::lock_guard lock(mutex_);
  saved_ = std::min(kMost, saved_ + kTry);
}

}  // namespace troupe::dispatch
