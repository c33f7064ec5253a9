#include "runtime/rpc/tune.h"

#include <absl/synchronization/mutex.h>

namespace troupe::rpc {

void TuneOnce() {
  [[maybe_unused]] static const bool done = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return true;
  }();
}

}  // namespace troupe::rpc
