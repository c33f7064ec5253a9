// How often each text was filled in: counters that many threads add to without getting in each other's way, kept while
// sets are loaded anew. Thread-safe; lives as long as whoever serves.
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace troupe::content {

class UseCounter {
 public:
  void Add() { shards_[ShardOfThread()].count.fetch_add(1, std::memory_order_relaxed); }
  // What was added before this call began, at least.
  int64_t Total() const;

 private:
  static constexpr size_t kShards = 8;
  // A cache line of its own, so that two threads do not write to the same one.
  struct alignas(64) Shard {
    std::atomic<int64_t> count{0};
  };
  static size_t ShardOfThread();

  std::array<Shard, kShards> shards_;
};

class UseCounts {
 public:
  struct Key {
    std::string set, audience, text;
    auto operator<=>(const Key&) const = default;
  };

  // Stays where it is for as long as this lives.
  UseCounter& Of(const std::string& set, const std::string& audience, const std::string& text);
  std::map<Key, int64_t> Totals() const;

 private:
  mutable std::mutex mutex_;
  std::map<Key, UseCounter> counters_;
};

}  // namespace troupe::content
