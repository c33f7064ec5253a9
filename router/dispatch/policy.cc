#include "router/dispatch/policy.h"

#include <algorithm>

namespace troupe::dispatch {
namespace {

bool HasRoom(const Candidate& candidate) { return candidate.ready && candidate.in_flight < candidate.capacity; }

// Steps in flight per slot compared without division: a/b < c/d where a*d < c*b.
bool LessBusy(const Candidate& a, const Candidate& b) {
  return static_cast<int64_t>(a.in_flight) * std::max(1, b.slots) <
         static_cast<int64_t>(b.in_flight) * std::max(1, a.slots);
}

bool Better(const Candidate& a, const Candidate& b) {
  if (a.tried != b.tried) return !a.tried;
  return LessBusy(a, b);
}

}  // namespace

std::optional<Choice> Choose(std::span<const Candidate> candidates, uint64_t turn) {
  const size_t count = candidates.size();
  std::optional<size_t> best;
  size_t ready = 0;
  size_t untried = 0;
  for (size_t i = 0; i < count; ++i) {
    // Beginning elsewhere each time gives equals equal shares.
    const size_t at = (i + turn) % count;
    if (candidates[at].ready) ++ready;
    if (candidates[at].ready && !candidates[at].tried) ++untried;
    if (HasRoom(candidates[at]) && (!best || Better(candidates[at], candidates[*best]))) best = at;
  }
  if (!best) return std::nullopt;
  if (candidates[*best].tried)
    return Choice{*best, ready == 1 ? "only replica that is ready, tried before" : "all were tried before; least busy"};
  if (count == 1) return Choice{*best, "only replica"};
  if (ready == 1) return Choice{*best, "only one of " + std::to_string(count) + " that is ready"};
  if (untried < ready) return Choice{*best, "not tried before"};
  return Choice{*best, "least busy of " + std::to_string(ready) + " (" + std::to_string(candidates[*best].in_flight) +
                           " in flight)"};
}

}  // namespace troupe::dispatch
