// Whether a canary does so much worse than the current version that new tasks must not run on it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "router/rollout/rollout.h"

namespace troupe::rollout {

// How tasks ended; those that were cancelled say nothing about a version and are left out.
struct Tally {
  int64_t ended = 0;
  int64_t failed = 0;
  void Add(bool has_failed, int64_t tasks = 1) {
    ended += tasks;
    failed += has_failed ? tasks : 0;
  }
};

// Why it has to go, or nothing. Both are of tasks taken in since it began. Where the current version has ended none,
// it counts as without failures.
std::optional<std::string> WhyRollBack(const CanaryRule& rule, const Tally& on_canary, const Tally& on_current);

}  // namespace troupe::rollout
