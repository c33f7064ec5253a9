// Orders that are drawn by a seed, the same with every standard library (std::shuffle's is not). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::train {

// 0 to size - 1, each once.
std::vector<size_t> Shuffled(size_t size, uint64_t seed);

// Another seed for each number, so that what is drawn for step 7 does not depend on steps 1 to 6.
uint64_t SeedFor(uint64_t seed, uint64_t number);

}  // namespace troupe::train
