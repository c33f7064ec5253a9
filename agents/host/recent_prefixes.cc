#include "agents/host/recent_prefixes.h"

#include <algorithm>

#include "runtime/base/prefix.h"

namespace troupe::host {

void RecentPrefixes::Saw(std::string_view input) {
  std::vector<uint64_t> now = PrefixDigests(input);
  if (now.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const uint64_t digest : digests_) {
    if (now.size() == kMost) break;
    if (std::find(now.begin(), now.end(), digest) == now.end()) now.push_back(digest);
  }
  digests_ = std::move(now);
}

std::vector<uint64_t> RecentPrefixes::Digests() const {
  const std::lock_guard lock(mutex_);
  return digests_;
}

}  // namespace troupe::host
