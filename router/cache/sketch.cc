#include "router/cache/sketch.h"

#include <algorithm>
#include <bit>

namespace troupe::cache {
namespace {

// For each key that the sketch is made for: counters in a row, so that few keys share all of theirs with others; keys
// counted before all counters are halved; and bits of the doorkeeper, two of which every counted key takes.
constexpr size_t kCounters = 4, kSample = 10, kDoorkeeperBits = 64;

// splitmix64 (Vigna, 2015): the rows' places must have nothing to do with each other.
uint64_t Mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

}  // namespace

FrequencySketch::FrequencySketch(size_t keys)
    : width_(std::bit_ceil(std::max<size_t>(keys, 64)) * kCounters),
      sample_(width_ / kCounters * kSample),
      counters_(width_ * kRows),
      doorkeeper_(width_ / kCounters * kDoorkeeperBits) {}

size_t FrequencySketch::PlaceOf(uint64_t hash, int row) const {
  return static_cast<size_t>(Mixed(hash + static_cast<uint64_t>(row) * 0xD1B54A32D192ED03u)) & (width_ - 1);
}

void FrequencySketch::Count(uint64_t hash) {
  if (++counted_ >= sample_) Age();
  // two bits of the doorkeeper for each key
  bool known = true;
  for (int row = 0; row < 2; ++row) {
    const size_t place = static_cast<size_t>(Mixed(~hash + static_cast<uint64_t>(row))) & (doorkeeper_.size() - 1);
    known = known && doorkeeper_[place];
    doorkeeper_[place] = true;
  }
  if (!known) return;
  // only the lowest counters grow, which keeps estimates closer (conservative update)
  const int lowest = Estimate(hash) - 1;
  for (int row = 0; row < kRows; ++row) {
    uint8_t& counter = counters_[static_cast<size_t>(row) * width_ + PlaceOf(hash, row)];
    if (counter == lowest && counter < kMost) ++counter;
  }
}

int FrequencySketch::Estimate(uint64_t hash) const {
  bool known = true;
  for (int row = 0; row < 2; ++row) {
    known =
        known && doorkeeper_[static_cast<size_t>(Mixed(~hash + static_cast<uint64_t>(row))) & (doorkeeper_.size() - 1)];
  }
  uint8_t lowest = kMost;
  for (int row = 0; row < kRows; ++row) {
    lowest = std::min(lowest, counters_[static_cast<size_t>(row) * width_ + PlaceOf(hash, row)]);
  }
  return lowest + (known ? 1 : 0);
}

void FrequencySketch::Age() {
  for (uint8_t& counter : counters_) counter = static_cast<uint8_t>(counter / 2);
  std::fill(doorkeeper_.begin(), doorkeeper_.end(), false);
  counted_ /= 2;
}

}  // namespace troupe::cache
