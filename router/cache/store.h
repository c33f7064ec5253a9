// Where answers are kept. A store may lose what it has at any time and is never asked twice for the same: whoever asks
// goes on without it. So its errors cost time and fail no request. Keys are those of key.h.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "router/cache/entry.h"
#include "runtime/base/error.h"

namespace troupe::cache {

class CacheStore {
 public:
  virtual ~CacheStore() = default;

  // Fresh or stale (FreshnessOf tells), never dead. Counts as a request, whether it is there or not.
  virtual boost::asio::awaitable<Result<std::optional<Entry>>> Get(std::string key) = 0;
  // In place of the key's earlier entry. It need not be kept: a store decides what is worth its room.
  virtual boost::asio::awaitable<Status> Put(std::string key, Entry entry) = 0;
  // NOT_FOUND is no error.
  virtual boost::asio::awaitable<Status> Remove(std::string key) = 0;
  // All entries of a partition; how many there were.
  virtual boost::asio::awaitable<Result<size_t>> RemovePartition(std::string partition) = 0;

  struct Stats {
    size_t entries = 0, bytes = 0;
    // Since start.
    int64_t hits = 0, misses = 0, evicted = 0, refused = 0;
  };
  virtual Stats GetStats() const = 0;
};

}  // namespace troupe::cache
