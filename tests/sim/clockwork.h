// Virtual time and chance for one simulated world. Everything that happens is an entry in one queue, taken in order of
// time and, among equals, of arrival; every random number comes from one seed. So a seed is a whole history that can be
// played again.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"

namespace troupe::sim {

// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }
  // From `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
  }
  bool OneIn(int64_t count) { return Between(1, count) == 1; }
  bool Percent(int64_t percent) { return Between(1, 100) <= percent; }

 private:
  uint64_t state_;
};

// When every world begins, and how long at most anybody in it waits for anything.
constexpr UnixMs kStartMs = 1'000'000;
constexpr int64_t kPatienceMs = 600'000;

class Clockwork {
 public:
  UnixMs now_ms() const { return now_ms_; }
  void After(int64_t delay_ms, std::function<void()> action) {
    queue_.push({now_ms_ + delay_ms, ++arrivals_, std::move(action)});
  }
  // Until nothing is left to happen, or more happened than any world should see. False for the latter.
  bool Run(int64_t max_actions) {
    for (int64_t done = 0; !queue_.empty(); ++done) {
      if (done == max_actions) return false;
      auto action = std::move(const_cast<Entry&>(queue_.top()).action);  // popped at once: the order is not disturbed
      now_ms_ = queue_.top().at_ms;
      queue_.pop();
      action();
    }
    return true;
  }

 private:
  struct Entry {
    UnixMs at_ms;
    int64_t arrival;
    std::function<void()> action;
    bool operator<(const Entry& other) const {
      return std::pair(other.at_ms, other.arrival) < std::pair(at_ms, arrival);
    }
  };
  UnixMs now_ms_ = kStartMs;
  int64_t arrivals_ = 0;
  std::priority_queue<Entry> queue_;
};

// The same as a Clock.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(const Clockwork& clockwork) : clockwork_(clockwork) {}
  UnixMs NowMs() const override { return clockwork_.now_ms(); }
  int64_t MonotonicNs() const override { return clockwork_.now_ms() * 1'000'000; }

 private:
  const Clockwork& clockwork_;
};

}  // namespace troupe::sim
