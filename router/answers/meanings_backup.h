// What Meanings knows, in the store behind memory: brought back after a start, piece by piece and beside the router's
// other work, and written down as it grows. Questions lie with their answers; here are only the thresholds. Owner:
// Answers. Stops: Stop, while `post` still works.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "router/answers/meanings.h"
#include "router/cache/store.h"
#include "router/dispatch/timers.h"

namespace troupe::answers {

class MeaningsBackup : public std::enable_shared_from_this<MeaningsBackup> {
 public:
  // All three outlive Stop. `post` runs work on another thread than the caller's.
  MeaningsBackup(Meanings& meanings, cache::BackStore& store, dispatch::Timers& timers,
                 std::function<void(std::function<void()>)> post)
      : meanings_(meanings), store_(store), timers_(timers), post_(std::move(post)) {}

  void Start();
  // Writes down what has changed.
  void Stop();

 private:
  // The newest first, until no more are known or there is no room.
  void ReadBefore(int64_t place);
  void Take(const cache::BackStore::Questions& questions);
  void SaveLater();
  // Needs the lock.
  void Save();
  bool stopped() const;

  Meanings& meanings_;
  cache::BackStore& store_;
  dispatch::Timers& timers_;
  const std::function<void(std::function<void()>)> post_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
};

}  // namespace troupe::answers
