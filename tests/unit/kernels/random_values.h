#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace troupe::kernels {

// Evenly from [-1, 1); the same for the same seed.
inline std::vector<float> RandomValues(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(random()) * 0x1p-31F - 1;
  return values;
}

}  // namespace troupe::kernels
