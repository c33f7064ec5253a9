// A release into a store, and back to an earlier one. Each call can be cut off at any write and called again: readers
// see the old version or the new one, and the second call ends what the first began. Time is handed in.
#pragma once

#include <optional>
#include <string>

#include "router/content/layout.h"
#include "router/content/release.h"
#include "router/content/store.h"

namespace troupe::content {

struct PublishOutcome {
  std::string version;
  // Empty the first time.
  std::string before;
  // Files written; 0 where all was there already.
  int written = 0;
};

// Objects, then manifests, then the pointer. A version that is current already stays so. Errors: the store's,
// FAILED_PRECONDITION where somebody else publishes the set.
Result<PublishOutcome> Publish(Store& store, const Release& release, UnixMs now_ms);

// Makes an earlier version current, the one before by default. Errors: NOT_FOUND for one that is not kept any more.
Result<PublishOutcome> Rollback(Store& store, const std::string& set, const std::optional<std::string>& version,
                                UnixMs now_ms);

// Forgets all but the `keep` newest versions and removes what no kept version names, leftovers of cut-off calls too;
// the number of files removed. Caches may ask for an older version's objects for as long as they keep its manifest, so
// keep some. Errors: DATA_LOSS where a kept manifest cannot be read; then nothing is removed.
Result<int> Collect(Store& store, const std::string& set, size_t keep);

}  // namespace troupe::content
