#include "runtime/train/length_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

std::vector<size_t> Lengths(size_t count) {
  std::vector<size_t> lengths;
  for (size_t i = 0; i < count; ++i) lengths.push_back(1 + i * 7919 % 50);
  return lengths;
}

TEST(LengthBatches, EachTextComesOnceAndTheLastBatchMayBeSmaller) {
  const auto batches = LengthBatches(Lengths(103), 10, 1);
  std::set<size_t> seen;
  std::vector<size_t> sizes;
  for (const auto& batch : batches) {
    seen.insert(batch.begin(), batch.end());
    sizes.push_back(batch.size());
  }
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(seen.size(), 103u);
  EXPECT_EQ(sizes, (std::vector<size_t>{3, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10}));
}

TEST(LengthBatches, LittleIsPadding) {
  const auto lengths = Lengths(1000);
  const auto padded = [&](const std::vector<std::vector<size_t>>& batches) {
    size_t tokens = 0;
    for (const auto& batch : batches) {
      size_t longest = 0;
      for (const size_t i : batch) longest = std::max(longest, lengths[i]);
      tokens += longest * batch.size();
    }
    return static_cast<double>(tokens);
  };
  const auto all = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), size_t{0}));
  EXPECT_LT(padded(LengthBatches(lengths, 10, 1)), 1.15 * all);
}

TEST(LengthBatches, OrdersFollowTheSeed) {
  const auto lengths = Lengths(300);
  EXPECT_EQ(LengthBatches(lengths, 10, 1), LengthBatches(lengths, 10, 1));
  EXPECT_NE(LengthBatches(lengths, 10, 1), LengthBatches(lengths, 10, 2));
  // short batches do not all come first
  const auto batches = LengthBatches(lengths, 10, 1);
  std::vector<size_t> longest;
  for (const auto& batch : batches) longest.push_back(lengths[batch.back()]);
  EXPECT_FALSE(std::is_sorted(longest.begin(), longest.end()));
}

TEST(Shuffle, SeedsOfNeighboursHaveNothingInCommon) {
  EXPECT_THAT(Shuffled(4, 1), testing::UnorderedElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Shuffled(0, 1), testing::IsEmpty());
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (uint64_t number = 0; number < 30; ++number) seeds.insert(SeedFor(seed, number));
  }
  EXPECT_EQ(seeds.size(), 900u);
}

TEST(LengthBatches, ShortestFirstKeepsThoseOfOneLengthInTheirOrder) {
  EXPECT_THAT(ShortestFirst(std::vector<size_t>{3, 1, 3, 0, 1}), testing::ElementsAre(3, 1, 4, 0, 2));
}

}  // namespace
}  // namespace troupe::train
