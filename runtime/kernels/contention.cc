#include "runtime/kernels/contention.h"

#include <algorithm>

namespace troupe::kernels {

bool Contention::IsAlone() {
  if (alone_left_ == 0) return false;
  --alone_left_;
  return true;
}

void Contention::Observe(int64_t worked_ns, int64_t waited_ns) {
  if (waited_ns > worked_ns + kSlackNs) ++lost_;
  ++shared_;
  if (lost_ >= kFew) {
    alone_left_ = next_alone_;
    next_alone_ = std::min(2 * next_alone_, kMostAloneRounds);
  } else if (shared_ < kWindowRounds) {
    return;
  } else if (lost_ == 0) {
    next_alone_ = kAloneRounds;
  }
  lost_ = 0;
  shared_ = 0;
}

}  // namespace troupe::kernels
