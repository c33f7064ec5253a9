#include "runtime/train/length_batches.h"

#include <algorithm>
#include <numeric>

#include "runtime/base/check.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {

std::vector<std::vector<size_t>> LengthBatches(std::span<const size_t> lengths, size_t batch, uint64_t seed) {
  CHECK(batch > 0);
  std::vector<size_t> order = Shuffled(lengths.size(), seed);
  for (size_t begin = 0; begin < order.size(); begin += batch * kStretch) {
    const size_t end = std::min(begin + batch * kStretch, order.size());
    std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
                     order.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](size_t a, size_t b) { return lengths[a] < lengths[b]; });
  }
  std::vector<std::vector<size_t>> cut;
  for (size_t begin = 0; begin < order.size(); begin += batch) {
    const size_t end = std::min(begin + batch, order.size());
    cut.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                     order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  std::vector<std::vector<size_t>> batches;
  for (const size_t i : Shuffled(cut.size(), SeedFor(seed, 0))) batches.push_back(std::move(cut[i]));
  return batches;
}

std::vector<size_t> ShortestFirst(std::span<const size_t> lengths) {
  std::vector<size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lengths[a] < lengths[b]; });
  return order;
}

}  // namespace troupe::train
