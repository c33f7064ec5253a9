// Which texts go through a model together: of nearly one length, so that little is padding, yet in an order that
// differs from epoch to epoch. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace troupe::train {

// Indices of texts, `batch` at a time (the last one may have fewer), each text once: shuffled by the seed, sorted by
// length within stretches of `kStretch` batches, cut, and the batches shuffled again.
inline constexpr size_t kStretch = 32;
std::vector<std::vector<size_t>> LengthBatches(std::span<const size_t> lengths, size_t batch, uint64_t seed);

// Indices of all texts, the shortest first: for what is asked of each text once and in no order of its own.
std::vector<size_t> ShortestFirst(std::span<const size_t> lengths);

}  // namespace troupe::train
