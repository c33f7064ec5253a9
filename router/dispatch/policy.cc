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
  if (a.spill != b.spill) return a.spill < b.spill;
  if (a.tried != b.tried) return !a.tried;
  return LessBusy(a, b);
}

// Would begin at once, and is busier by no more than a step for every four slots.
bool IsNearlyAsFree(const Candidate& a, const Candidate& best) {
  if (!HasRoom(a) || a.in_flight >= a.slots || a.spill != best.spill || a.tried != best.tried) return false;
  const int64_t a_slots = std::max(1, a.slots);
  const int64_t best_slots = std::max(1, best.slots);
  return 4 * a.in_flight * best_slots <= 4 * best.in_flight * a_slots + a_slots * best_slots;
}

std::string Reason(std::span<const Candidate> candidates, const Candidate& chosen) {
  size_t all = 0;
  size_t ready = 0;
  size_t untried = 0;
  size_t ready_before = 0;
  for (const Candidate& other : candidates) {
    if (other.spill < chosen.spill && other.ready) ++ready_before;
    if (other.spill != chosen.spill) continue;
    ++all;
    if (other.ready) ++ready;
    if (other.ready && !other.tried) ++untried;
  }
  std::string reason;
  if (chosen.spill > 0)
    reason = ready_before > 0 ? "spilled, no room before it: " : "spilled, none before it is ready: ";
  if (chosen.tried)
    return reason + (ready == 1 ? "only replica that is ready, tried before" : "all were tried before; least busy");
  if (all == 1) return reason + "only replica";
  if (ready == 1) return reason + "only one of " + std::to_string(all) + " that is ready";
  if (untried < ready) return reason + "not tried before";
  if (chosen.shared > 0) {
    return reason + "worked on what begins alike (" + std::to_string(chosen.in_flight) + " in flight)";
  }
  return reason + "least busy of " + std::to_string(ready) + " (" + std::to_string(chosen.in_flight) + " in flight)";
}

}  // namespace

std::optional<Choice> Choose(std::span<const Candidate> candidates, uint64_t turn) {
  const size_t count = candidates.size();
  std::optional<size_t> best;
  for (size_t i = 0; i < count; ++i) {
    // Beginning elsewhere each time gives equals equal shares.
    const size_t at = (i + turn) % count;
    if (HasRoom(candidates[at]) && (!best || Better(candidates[at], candidates[*best]))) best = at;
  }
  if (!best) return std::nullopt;
  const Candidate least_busy = candidates[*best];
  for (size_t i = 0; i < count; ++i) {
    const size_t at = (i + turn) % count;
    const Candidate& other = candidates[at];
    if (other.shared == 0 || !IsNearlyAsFree(other, least_busy)) continue;
    const Candidate& chosen = candidates[*best];
    if (other.shared > chosen.shared || (other.shared == chosen.shared && LessBusy(other, chosen))) best = at;
  }
  return Choice{*best, Reason(candidates, candidates[*best])};
}

}  // namespace troupe::dispatch
