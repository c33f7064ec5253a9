// Keeps steps away from a replica that fails them. Closed: it gets steps. After several failures of its own in a row it
// opens and gets none for a while, longer each time it comes to that. Then it is half open: one step at a time goes
// there; the first that works closes it, one that fails opens it again.
//
// Pure, time is handed in: the router and the simulation use the same one. Not thread-safe.
#pragma once

#include <cstdint>

#include "runtime/base/error.h"

namespace troupe::dispatch {

enum class Circuit { kClosed, kOpen, kHalfOpen };

// What a step's end says of the replica that had it.
enum class Verdict {
  kWorks,   // it did the step, or had good reason not to
  kFails,   // it broke
  kNeither  // it was too busy, or nobody waited for the end
};
Verdict VerdictOf(Code end);

struct BreakerOptions {
  // Failures in a row that open it.
  int max_failures = 5;
  // How long it is open the first time; doubled each time, until it has closed.
  int64_t first_pause_ms = 500;
  int64_t max_pause_ms = 10'000;
};

class Breaker {
 public:
  explicit Breaker(BreakerOptions options = {}) : options_(options) {}

  Circuit At(int64_t now_ms) const;
  // Whether one more step may go there.
  bool Admits(int64_t now_ms) const;
  // A step goes there.
  void OnSent(int64_t now_ms);
  // A step has ended there. True where that opened or closed it.
  bool OnEnd(Verdict verdict, int64_t now_ms);

  int failures() const { return failures_; }
  // Until when it is open.
  int64_t open_until_ms() const { return open_until_ms_; }

 private:
  void Open(int64_t now_ms);

  const BreakerOptions options_;
  int failures_ = 0;
  // 0 while it is closed.
  int64_t open_until_ms_ = 0;
  int64_t pause_ms_ = 0;
  // Half open, and a step is there.
  bool trying_ = false;
};

}  // namespace troupe::dispatch
