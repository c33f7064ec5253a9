// So many steps at work, so many waiting, and one more is refused at once. First come, first served. Thread-safe; owned
// by the service.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::host {

class Slots {
 public:
  Slots(std::string agent, int slots, int queue_limit, const Clock& clock);

  // Calls `start` before it returns if a slot is free, otherwise later, from Leave. `key` names it for Remove.
  // Errors: RESOURCE_EXHAUSTED, with the time a step takes as advice, when as many wait as may.
  template <class Start>
  Status Enter(const void* key, Start start) {
    {
      std::lock_guard lock(mutex_);
      if (active_ >= slots_) return Wait(key, std::move(start));
      ++active_;
    }
    start();
    return {};
  }

  // A step that was started at `started_ns` is over: starts the next one, on this thread.
  void Leave(int64_t started_ns);

  // True where that one was waiting; it will not be started.
  bool Remove(const void* key);

  struct Load {
    int active = 0;
    int queued = 0;
    bool operator==(const Load&) const = default;
  };
  Load load() const;
  int slots() const { return slots_; }
  int queue_limit() const { return queue_limit_; }

 private:
  // With mutex_ held.
  Status Wait(const void* key, std::function<void()> start);

  struct Waiting {
    const void* key;
    std::function<void()> start;
  };
  const std::string agent_;
  const int slots_;
  const int queue_limit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  int active_ = 0;
  std::deque<Waiting> waiting_;
  // Exponential mean over the last steps.
  double step_ms_ = 0;
};

}  // namespace troupe::host
