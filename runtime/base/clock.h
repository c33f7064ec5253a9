// Time as a dependency. Nothing below main reads the system's clock itself: it is handed a Clock, so tests and the
// simulation decide what time it is.
#pragma once

#include <atomic>
#include <cstdint>

namespace troupe {

// Milliseconds since 1970-01-01 UTC.
using UnixMs = int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time, for records and deadlines that outlive the process. May jump.
  virtual UnixMs NowMs() const = 0;
  // Nanoseconds since some fixed moment; never goes back. For durations.
  virtual int64_t MonotonicNs() const = 0;
};

// The machine's own clock; lives as long as the program.
const Clock& SystemClock();

// A clock that stands still until it is moved, from whatever thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMs start_ms = 1'700'000'000'000) : now_ms_(start_ms), start_ms_(start_ms) {}
  UnixMs NowMs() const override { return now_ms_; }
  int64_t MonotonicNs() const override { return (now_ms_ - start_ms_) * 1'000'000; }
  void Advance(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<UnixMs> now_ms_;
  const UnixMs start_ms_;
};

}  // namespace troupe
