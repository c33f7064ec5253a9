// Whether a kept answer may be given now. Pure: it is told the time.
#pragma once

#include <cstdint>

#include "router/cache/entry.h"

namespace troupe::cache {

enum class Freshness : uint8_t {
  kFresh,  // give it
  kStale,  // give it, and make a new one in the background (stale-while-revalidate, RFC 5861)
  kDead,   // as if it were not there
};

// A clock that was set back makes nothing older than it is: an entry from the future is as fresh as a new one.
Freshness FreshnessOf(const Entry& entry, UnixMs now_ms);

}  // namespace troupe::cache
