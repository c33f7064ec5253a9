#include "runtime/kernels/contention.h"

#include <algorithm>

namespace troupe::kernels {

void Contention::Observe(int64_t worked_ns, int64_t waited_ns, int others) {
  ++shared_;
  worked_ns_ += worked_ns;
  if (waited_ns > worked_ns + kSlackNs) {
    ++lost_;
    lost_ns_ += waited_ns;
  }
  if (lost_ >= kFew && lost_ns_ > others * worked_ns_) {
    alone_left_ = next_alone_;
    next_alone_ = std::min(2 * next_alone_, kMostAloneRounds);
    BeginWindow();
  } else if (shared_ >= kWindowRounds) {
    if (lost_ == 0) next_alone_ = kAloneRounds;
    BeginWindow();
  }
}

void Contention::ObserveAlone(int64_t worked_ns) {
  --alone_left_;
  if (worked_ns > kLongNs) alone_left_ = 0;
}

void Contention::BeginWindow() {
  shared_ = worked_ns_ = lost_ns_ = 0;
  lost_ = 0;
}

}  // namespace troupe::kernels
