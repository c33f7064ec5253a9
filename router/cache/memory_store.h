// Answers in this process's memory, at most so many bytes; what goes is TinyLfu's decision. Thread-safe; nothing waits
// for anything but a mutex.
#pragma once

#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "router/cache/store.h"
#include "router/cache/tiny_lfu.h"
#include "runtime/base/clock.h"

namespace troupe::cache {

class MemoryStore final : public CacheStore {
 public:
  // `clock` must outlive the store.
  explicit MemoryStore(const TinyLfuOptions& options, const Clock& clock = SystemClock());

  boost::asio::awaitable<Result<std::optional<Entry>>> Get(std::string key) override;
  boost::asio::awaitable<Status> Put(std::string key, Entry entry) override;
  boost::asio::awaitable<Status> Remove(std::string key) override;
  boost::asio::awaitable<Result<size_t>> RemovePartition(std::string partition) override;
  Stats GetStats() const override;

  // Get and Put for who is no coroutine.
  std::optional<Entry> Find(const std::string& key);
  void Set(const std::string& key, Entry entry);

 private:
  // Of the entries alone; the policy knows already.
  void Forget(const std::string& key);

  const Clock& clock_;
  mutable std::mutex mutex_;
  TinyLfu policy_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::unordered_set<std::string>> partitions_;
  Stats stats_;
};

}  // namespace troupe::cache
