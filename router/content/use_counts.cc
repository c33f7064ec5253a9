#include "router/content/use_counts.h"

namespace troupe::content {

size_t UseCounter::ShardOfThread() {
  static std::atomic<size_t> next{0};
  thread_local const size_t shard = next.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shard;
}

int64_t UseCounter::Total() const {
  int64_t total = 0;
  for (const Shard& shard : shards_) total += shard.count.load(std::memory_order_relaxed);
  return total;
}

UseCounter& UseCounts::Of(const std::string& set, const std::string& audience, const std::string& text) {
  std::lock_guard lock(mutex_);
  return counters_[{set, audience, text}];
}

std::map<UseCounts::Key, int64_t> UseCounts::Totals() const {
  std::lock_guard lock(mutex_);
  std::map<Key, int64_t> totals;
  for (const auto& [key, counter] : counters_) totals.emplace(key, counter.Total());
  return totals;
}

}  // namespace troupe::content
