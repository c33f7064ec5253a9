// Sums that stop at the largest number there is: of counts that come from outside, whose honest sums never get there.
#pragma once

#include <cstdint>
#include <limits>

namespace troupe {

constexpr int64_t SaturatedSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

}  // namespace troupe
