// Where answers are kept. A store may lose what it has at any time: whoever asks goes on without it, so its errors cost
// time and fail no request. Keys are those of key.h.
//
// Thread-safe. `done` is called once, within the call or later on a thread of the store's own, and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/cache/entry.h"
#include "router/cache/threshold.h"
#include "runtime/base/error.h"

namespace troupe::cache {

using OnEntry = std::function<void(Result<std::optional<Entry>>)>;
using OnDone = std::function<void(Status)>;

class CacheStore {
 public:
  virtual ~CacheStore() = default;

  // Fresh or stale (FreshnessOf tells), never dead. Counts as a request, whether it is there or not.
  virtual void Get(std::string key, OnEntry done) = 0;
  // In place of the key's earlier entry. It need not be kept: a store decides what is worth its room.
  virtual void Put(std::string key, Entry entry, OnDone done) = 0;

  struct Stats {
    size_t entries = 0, bytes = 0;
    // Since start.
    int64_t hits = 0, misses = 0, evicted = 0, refused = 0;
  };
  virtual Stats GetStats() const = 0;
};

// How often answers were thrown away, by what they are called there: a graph, or a step of one. A count is part of an
// answer's key, so what was kept before is not found again.
using PurgeCounts = std::map<std::string, int64_t>;

// A store that outlives the router, behind its memory. Beside answers it keeps what must be known to give them: purges,
// and, where it is one router's own, the questions and what was learnt of them. Errors: UNAVAILABLE where it does not
// answer; RESOURCE_EXHAUSTED where too much waits for it already.
class BackStore : public CacheStore {
 public:
  // What people call it; no password in it.
  virtual std::string name() const = 0;

  // One more; what there are then.
  virtual void CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) = 0;
  // Brings counts up to those that are known here, and gives all that the store has.
  virtual void SharePurges(PurgeCounts known, std::function<void(Result<PurgeCounts>)> done) = 0;

  // A question whose answer is kept.
  struct Question {
    std::string key;
    // Its answer is left out.
    Entry entry;
  };
  struct Questions {
    std::vector<Question> some;
    // Where to go on; 0 where there are no more.
    int64_t before = 0;
  };
  // The newest ones before that place, of all where it is 0. A store that several routers share has none.
  virtual void ReadQuestions(int64_t before, int max, std::function<void(Result<Questions>)> done) = 0;

  // What was learnt of how near is near enough, by step. As above.
  using Learned = std::map<std::string, ThresholdState>;
  virtual void ReadLearned(std::function<void(Result<Learned>)> done) = 0;
  virtual void SaveLearned(std::string step, ThresholdState state, OnDone done) = 0;

  // Does what was asked for before, and then no more. Blocks for as long as that takes, seconds at most.
  virtual void Stop() = 0;
};

}  // namespace troupe::cache
