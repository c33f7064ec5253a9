// What was finished lately, by idempotency key, so that a step that is sent again (the router was killed before it had
// written the result down) is answered and not done twice. Bounded in bytes and age, oldest out first. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "runtime/base/clock.h"

namespace troupe::host {

struct MemoryLimits {
  size_t max_bytes = 16u << 20;
  int64_t max_age_ms = 10 * 60 * 1000;
};

class Memory {
 public:
  explicit Memory(const Clock& clock, MemoryLimits limits = {}) : clock_(clock), limits_(limits) {}

  // Keeps the last one for a key. An answer larger than everything is not kept.
  void Put(const std::string& key, std::string answer);
  std::optional<std::string> Find(const std::string& key) const;
  size_t bytes() const;

 private:
  struct Entry {
    std::string answer;
    // Which Put it is from; an older place in order_ no longer counts.
    uint64_t number = 0;
  };
  // Entries do not move, and live as long as a place points to them.
  struct Place {
    std::pair<const std::string, Entry>* entry = nullptr;
    uint64_t number = 0;
    int64_t put_ns = 0;
  };
  void Forget(int64_t now_ns);

  const Clock& clock_;
  const MemoryLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<Place> order_;
  uint64_t next_number_ = 0;
  size_t bytes_ = 0;
};

}  // namespace troupe::host
