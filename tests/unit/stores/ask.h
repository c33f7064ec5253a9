// What stores are asked, as calls that wait for the answer.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "router/cache/store.h"

namespace troupe::stores {

// `call` is given the `done` that it is to hand on.
template <typename T, typename Call>
T Wait(Call call) {
  std::promise<T> promise;
  std::future<T> future = promise.get_future();
  call([&promise](T value) { promise.set_value(std::move(value)); });
  return future.get();
}

inline Result<std::optional<cache::Entry>> Get(cache::CacheStore& store, const std::string& key) {
  return Wait<Result<std::optional<cache::Entry>>>([&](auto done) { store.Get(key, done); });
}
inline Status Put(cache::CacheStore& store, const std::string& key, const cache::Entry& entry) {
  return Wait<Status>([&](auto done) { store.Put(key, entry, done); });
}
inline Result<int64_t> CountPurge(cache::BackStore& store, const std::string& purged) {
  return Wait<Result<int64_t>>([&](auto done) { store.CountPurge(purged, done); });
}
inline Result<cache::PurgeCounts> SharePurges(cache::BackStore& store, const cache::PurgeCounts& known = {}) {
  return Wait<Result<cache::PurgeCounts>>([&](auto done) { store.SharePurges(known, done); });
}
inline Result<cache::BackStore::Questions> ReadQuestions(cache::BackStore& store, int64_t before, int max) {
  return Wait<Result<cache::BackStore::Questions>>([&](auto done) { store.ReadQuestions(before, max, done); });
}
inline Result<cache::BackStore::Learned> ReadLearned(cache::BackStore& store) {
  return Wait<Result<cache::BackStore::Learned>>([&](auto done) { store.ReadLearned(done); });
}
inline Status SaveLearned(cache::BackStore& store, const std::string& step, const cache::ThresholdState& state) {
  return Wait<Status>([&](auto done) { store.SaveLearned(step, state, done); });
}

}  // namespace troupe::stores
