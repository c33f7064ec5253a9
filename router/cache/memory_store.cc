#include "router/cache/memory_store.h"

#include <utility>

#include "router/cache/freshness.h"

namespace troupe::cache {
namespace {
// What tables and lists take beside an entry: its key twice, and their nodes.
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
    entries_.erase(found);
    ++stats_.misses;
    return std::nullopt;
  }
  ++stats_.hits;
  return found->second;
}

void MemoryStore::Get(std::string key, OnEntry done) { done(Find(key)); }

void MemoryStore::Put(std::string key, Entry entry, OnDone done) {
  Set(key, std::move(entry));
  done({});
}

void MemoryStore::Set(const std::string& key, Entry entry) {
  std::lock_guard lock(mutex_);
  const size_t bytes = entry.bytes() + kBytesBeside;
  entries_[key] = std::move(entry);
  for (const std::string& gone : policy_.Add(key, bytes)) {
    ++(gone == key ? stats_.refused : stats_.evicted);
    entries_.erase(gone);
  }
}

CacheStore::Stats MemoryStore::GetStats() const {
  std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.entries = policy_.entries();
  stats.bytes = policy_.bytes();
  return stats;
}

}  // namespace troupe::cache
