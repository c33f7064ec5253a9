// Counts objects that gRPC's or the timers' threads may still be using, so that what they point to can wait for the
// last one before it goes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace troupe::dispatch {

class Census {
 public:
  // A member of what is counted.
  class Member {
   public:
    explicit Member(Census& census) : census_(census) {
      const std::lock_guard lock(census_.mutex_);
      ++census_.count_;
    }
    ~Member() {
      // Under the lock to the end: once the count is 0 the census may be destroyed.
      const std::lock_guard lock(census_.mutex_);
      if (--census_.count_ == 0) census_.empty_.notify_all();
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   private:
    Census& census_;
  };

  // False where some were left at the limit.
  bool WaitEmpty(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  int64_t count_ = 0;
};

}  // namespace troupe::dispatch
