// The shapes that steps of one token a sequence are rounded up to (static_step.h), so that a few recorded graphs serve
// all of them. Pure.
#pragma once

#include <compare>
#include <cstdint>

namespace troupe::model {

struct StepBucket {
  int64_t sequences = 1;  // a power of two, at most kMaxStepSequences
  int64_t pages = 1;      // that each of them may hold; a power of two

  auto operator<=>(const StepBucket&) const = default;
};

constexpr int64_t kMaxStepSequences = 256;

// The bucket for as many of `sequences` (at least 1), the longest of which holds `pages` pages (at least 1), as one
// step takes: all of them, unless they are more than kMaxStepSequences or hold more than `max_pages` together. At least
// one, however long it is.
StepBucket BucketFor(int64_t sequences, int64_t pages, int64_t max_pages);

}  // namespace troupe::model
