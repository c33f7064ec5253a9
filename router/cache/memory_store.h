// Answers in this process's memory, at most so many bytes; what goes is TinyLfu's decision. Thread-safe; nothing waits
// for anything but a mutex.
#pragma once

#include <mutex>
#include <unordered_map>

#include "router/cache/store.h"
#include "router/cache/tiny_lfu.h"
#include "runtime/base/clock.h"

namespace troupe::cache {

class MemoryStore final : public CacheStore {
 public:
  // `clock` must outlive the store.
  explicit MemoryStore(const TinyLfuOptions& options, const Clock& clock = SystemClock());

  void Get(std::string key, OnEntry done) override;
  void Put(std::string key, Entry entry, OnDone done) override;
  Stats GetStats() const override;

  // Get and Put for who knows that it is memory.
  std::optional<Entry> Find(const std::string& key);
  void Set(const std::string& key, Entry entry);

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  TinyLfu policy_;
  std::unordered_map<std::string, Entry> entries_;
  Stats stats_;
};

}  // namespace troupe::cache
