// What a journal told of one task, in the order told.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "router/journal/journal.h"

namespace troupe::journal {

class Told final : public Waiter {
 public:
  void OnDurable(int64_t sequence) override {
    const std::lock_guard lock(mutex_);
    told_.push_back(sequence);
    changed_.notify_all();
  }
  // The first `count`, once there are so many.
  std::vector<int64_t> Wait(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return told_.size() >= count; }));
    return told_;
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return told_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int64_t> told_;
};

}  // namespace troupe::journal
