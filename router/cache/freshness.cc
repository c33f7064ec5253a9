#include "router/cache/freshness.h"

#include <algorithm>

namespace troupe::cache {

Freshness FreshnessOf(const Entry& entry, UnixMs now_ms) {
  if (entry.ttl_ms <= 0) return Freshness::kFresh;
  const int64_t age_ms = std::max<int64_t>(0, now_ms - std::max<int64_t>(0, entry.made_at_ms));
  if (age_ms < entry.ttl_ms) return Freshness::kFresh;
  return age_ms - entry.ttl_ms < entry.stale_ms ? Freshness::kStale : Freshness::kDead;
}

}  // namespace troupe::cache
