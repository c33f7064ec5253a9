// Changes inputs at random, the same for the same seed: bytes, runs of bytes, numbers, words of the language, pieces of
// other inputs.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace troupe::fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // Below `count`, which is at least 1.
  size_t Below(size_t count) { return static_cast<size_t>(engine_() % count); }
  bool OneIn(size_t count) { return Below(count) == 0; }
  uint64_t Bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

inline constexpr size_t kMaxInputBytes = 64u << 10;

// One change. `other` is some other input.
void Mutate(std::string& input, const std::string& other, std::span<const std::string> words, Random& random);

// A number of the sort that code gets wrong: near 0, near a power of two, the ends of its type.
int64_t OddNumber(Random& random);

}  // namespace troupe::fuzz
