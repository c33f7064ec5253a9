// How often a key was asked for lately, in few bits: a count-min sketch with counters up to 15 (Cormode and
// Muthukrishnan, 2005), halved now and then so that it follows what is popular, behind a doorkeeper that keeps keys
// asked for once out of it (Einziger, Friedman and Manes, "TinyLFU", 2017). Estimates are never too low by more than
// ageing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::cache {

class FrequencySketch {
 public:
  // For about that many different keys at a time.
  explicit FrequencySketch(size_t keys);

  void Count(uint64_t hash);
  // 0 to 16.
  int Estimate(uint64_t hash) const;

 private:
  static constexpr int kRows = 4;
  static constexpr uint8_t kMost = 15;
  size_t PlaceOf(uint64_t hash, int row) const;
  void Age();

  // Powers of two.
  size_t width_;
  size_t sample_;
  size_t counted_ = 0;
  // kRows rows of width_ counters.
  std::vector<uint8_t> counters_;
  std::vector<bool> doorkeeper_;
};

}  // namespace troupe::cache
