// Calls that wait for their client, and how long: one whose client sends nothing for too long is told so, and ends.
// Otherwise a client that hangs would keep its place, and what it has sent so far, for ever.
//
// Owner: Uploads. Thread-safe; calls OnStalled outside of its lock. Looks as long as somebody is waited for, by a timer
// that goes when Timers stop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "router/dispatch/timers.h"
#include "runtime/base/clock.h"

namespace troupe::gateway {

class StallWatch {
 public:
  class Call {
   public:
    virtual ~Call() = default;
    // Its client has been waited for too long, and is waited for no more. Must not block.
    virtual void OnStalled() = 0;
  };

  // Looks every `check_ms`, by `timers`; where that is null somebody has to call Check.
  StallWatch(const Clock& clock, int64_t limit_ms, int64_t check_ms, dispatch::Timers* timers)
      : clock_(clock), limit_ms_(limit_ms), check_ms_(check_ms), timers_(timers) {}

  // From now on its client is waited for.
  void Wait(const std::shared_ptr<Call>& call);
  // Something came, or it is over.
  void Came(const Call* call);
  void Check();

  int64_t limit_ms() const { return limit_ms_; }

 private:
  struct Waiting {
    std::weak_ptr<Call> call;
    int64_t since_ns = 0;
  };
  // Needs mutex_.
  void PlanCheck();

  const Clock& clock_;
  const int64_t limit_ms_;
  const int64_t check_ms_;
  dispatch::Timers* const timers_;
  std::mutex mutex_;
  std::map<const Call*, Waiting> waiting_;
  bool planned_ = false;
};

}  // namespace troupe::gateway
