// Kept answers in a Redis that several routers share. One thread of the store's own talks to it; all that is asked
// while it is busy goes out together next. Redis forgets answers when they are dead, and by its own rules when it is
// full; purges it must not forget, so it is to evict only what has a time (maxmemory-policy volatile-lfu or the like).
// Questions and thresholds are each router's own.
//
// Owner: Answers. Thread-safe. Stops: Stop, once what was asked for is done.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "router/cache/store.h"
#include "router/stores/batch_thread.h"
#include "router/stores/redis_link.h"
#include "runtime/base/clock.h"

namespace troupe::stores {

class RedisStore final : public cache::BackStore {
 public:
  // Connects when it is asked for the first time. `clock` must outlive the store.
  RedisStore(RedisAddress address, const Clock& clock);
  ~RedisStore() override;

  void Get(std::string key, cache::OnEntry done) override;
  void Put(std::string key, cache::Entry entry, cache::OnDone done) override;
  Stats GetStats() const override;
  std::string name() const override { return name_; }
  void CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) override;
  void SharePurges(cache::PurgeCounts known, std::function<void(Result<cache::PurgeCounts>)> done) override;
  void ReadQuestions(int64_t before, int max, std::function<void(Result<Questions>)> done) override;
  void ReadLearned(std::function<void(Result<Learned>)> done) override;
  void SaveLearned(std::string step, cache::ThresholdState state, cache::OnDone done) override;
  void Stop() override { thread_.Stop(); }

 private:
  void Ask(std::vector<std::string> words, std::function<void(Result<const redisReply*>)> done);

  const std::string name_;
  const Clock& clock_;
  // On the thread.
  RedisLink link_;
  std::atomic<int64_t> hits_{0}, misses_{0};
  BatchThread<RedisCommand> thread_;
};

}  // namespace troupe::stores
