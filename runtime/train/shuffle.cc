#include "runtime/train/shuffle.h"

#include <numeric>
#include <random>
#include <utility>

namespace troupe::train {

std::vector<size_t> Shuffled(size_t size, uint64_t seed) {
  std::vector<size_t> order(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::mt19937_64 random(seed);
  for (size_t i = size; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

// SplitMix64 (Steele et al., 2014).
uint64_t SeedFor(uint64_t seed, uint64_t number) {
  uint64_t z = seed + (number + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace troupe::train
