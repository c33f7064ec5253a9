#include "tests/fuzz/coverage.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace troupe::fuzz {
namespace {

// Steps from block to block fall into places by a hash, as in AFL (Zalewski, technical whitepaper): two may share one,
// which costs a little and never misleads.
constexpr size_t kPlaces = size_t{1} << 16;
alignas(64) std::array<uint8_t, kPlaces> hits;
std::array<uint8_t, kPlaces> seen;
size_t ways = 0;
thread_local uintptr_t previous = 0;

// How often, roughly: one bit for 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127 and more.
uint8_t Bucket(uint8_t count) {
  if (count <= 3) return static_cast<uint8_t>(1 << (count - 1));
  if (count < 32) return static_cast<uint8_t>(1 << std::bit_width(count));
  return count < 128 ? 1 << 6 : 1 << 7;
}

}  // namespace

void ForgetWays() {
  hits.fill(0);
  previous = 0;
}

bool WentANewWay() {
  bool is_new = false;
  for (size_t i = 0; i < kPlaces; i += sizeof(uint64_t)) {
    uint64_t eight = 0;
    std::memcpy(&eight, &hits[i], sizeof eight);
    if (eight == 0) continue;
    for (size_t k = i; k < i + sizeof eight; ++k) {
      if (hits[k] == 0) continue;
      const uint8_t bucket = Bucket(hits[k]);
      if ((seen[k] & bucket) != 0) continue;
      ways += seen[k] == 0;
      seen[k] |= bucket;
      is_new = true;
    }
  }
  return is_new;
}

size_t WaysSeen() { return ways; }

}  // namespace troupe::fuzz

extern "C" void __sanitizer_cov_trace_pc();

extern "C" void __sanitizer_cov_trace_pc() {
  using troupe::fuzz::hits;
  using troupe::fuzz::previous;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_return_address(0)) * 0x9e3779b97f4a7c15u >> 20;
  uint8_t& count = hits[(here ^ previous) % troupe::fuzz::kPlaces];
  if (count < UINT8_MAX) ++count;
  previous = here >> 1;
}
