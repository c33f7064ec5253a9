#include "router/cache/memory_store.h"

#include <utility>

#include "router/cache/freshness.h"

namespace troupe::cache {
namespace asio = boost::asio;

namespace {
// What tables and lists take beside an entry: its key three times, and their nodes.
constexpr size_t kBytesBeside = 400;
}  // namespace

MemoryStore::MemoryStore(const TinyLfuOptions& options, const Clock& clock) : clock_(clock), policy_(options) {}

std::optional<Entry> MemoryStore::Find(const std::string& key) {
  std::lock_guard lock(mutex_);
  policy_.Touch(key);
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    ++stats_.misses;
    return std::nullopt;
  }
  if (FreshnessOf(found->second, clock_.NowMs()) == Freshness::kDead) {
    policy_.Remove(key);
    Forget(key);
    ++stats_.misses;
    return std::nullopt;
  }
  ++stats_.hits;
  return found->second;
}

void MemoryStore::Forget(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const auto partition = partitions_.find(found->second.partition);
  partition->second.erase(key);
  if (partition->second.empty()) partitions_.erase(partition);
  entries_.erase(found);
}

asio::awaitable<Result<std::optional<Entry>>> MemoryStore::Get(std::string key) { co_return Find(key); }

asio::awaitable<Status> MemoryStore::Put(std::string key, Entry entry) {
  Set(key, std::move(entry));
  co_return Status();
}

void MemoryStore::Set(const std::string& key, Entry entry) {
  std::lock_guard lock(mutex_);
  Forget(key);
  const size_t bytes = entry.bytes() + kBytesBeside;
  partitions_[entry.partition].insert(key);
  entries_[key] = std::move(entry);
  for (const std::string& gone : policy_.Add(key, bytes)) {
    ++(gone == key ? stats_.refused : stats_.evicted);
    Forget(gone);
  }
}

asio::awaitable<Status> MemoryStore::Remove(std::string key) {
  std::lock_guard lock(mutex_);
  policy_.Remove(key);
  Forget(key);
  co_return Status();
}

asio::awaitable<Result<size_t>> MemoryStore::RemovePartition(std::string partition) {
  std::lock_guard lock(mutex_);
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) co_return 0;
  const std::unordered_set<std::string> keys = found->second;
  for (const std::string& key : keys) {
    policy_.Remove(key);
    Forget(key);
  }
  co_return keys.size();
}

CacheStore::Stats MemoryStore::GetStats() const {
  std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.entries = policy_.entries();
  stats.bytes = policy_.bytes();
  return stats;
}

}  // namespace troupe::cache
