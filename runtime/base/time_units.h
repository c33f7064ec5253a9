// Between clocks, which count nanoseconds, and limits, which people give in milliseconds.
#pragma once

#include <cstdint>

namespace troupe {

inline constexpr int64_t kNsPerMs = 1'000'000;

}  // namespace troupe
