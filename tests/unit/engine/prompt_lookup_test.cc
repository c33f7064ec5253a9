#include "runtime/engine/prompt_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<TokenId> Proposed(PromptLookup& lookup, const std::vector<TokenId>& tokens, int64_t most) {
  const auto proposed = lookup.Propose(tokens, most);
  return {proposed.begin(), proposed.end()};
}

TEST(PromptLookupTest, GoesOnAsItDidWhereTheLastThreeTokensStoodBefore) {
  PromptLookup lookup;
  EXPECT_THAT(Proposed(lookup, {1, 2, 3, 4, 5, 6, 7, 2, 3, 4}, 2), ElementsAre(5, 6));
}

TEST(PromptLookupTest, SaysNothingWhereTheEndIsNew) {
  PromptLookup lookup;
  EXPECT_THAT(Proposed(lookup, {}, 4), IsEmpty());
  EXPECT_THAT(Proposed(lookup, {1, 2}, 4), IsEmpty());
  EXPECT_THAT(Proposed(lookup, {1, 2, 3}, 4), IsEmpty());
  EXPECT_THAT(Proposed(lookup, {1, 2, 3, 9, 2, 3}, 4), IsEmpty());
}

TEST(PromptLookupTest, TheLastPlaceCounts) {
  PromptLookup lookup;
  EXPECT_THAT(Proposed(lookup, {1, 2, 3, 4, 0, 1, 2, 3, 5, 0, 0, 1, 2, 3}, 1), ElementsAre(5));
}

TEST(PromptLookupTest, WhatRepeatsGoesOnInACircle) {
  PromptLookup lookup;
  EXPECT_THAT(Proposed(lookup, {7, 1, 2, 1, 2, 1, 2}, 5), ElementsAre(1, 2, 1, 2, 1));
  PromptLookup of_one;
  EXPECT_THAT(Proposed(of_one, {5, 5, 5, 5}, 3), ElementsAre(5, 5, 5));
}

// By looking at every place, from the last one on.
std::vector<TokenId> Searched(const std::vector<TokenId>& tokens, int64_t most) {
  const auto size = static_cast<int64_t>(tokens.size());
  for (int64_t end = size - 1; end >= 3; --end) {
    if (!std::equal(tokens.end() - 3, tokens.end(), tokens.begin() + end - 3)) continue;
    std::vector<TokenId> found(tokens);
    for (int64_t i = 0; i < most; ++i) found.push_back(found[static_cast<size_t>(end + i)]);
    return {found.begin() + size, found.end()};
  }
  return {};
}

TEST(PromptLookupTest, FindsWhatASearchFindsHoweverTheTokensGrow) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    PromptLookup lookup;
    std::vector<TokenId> tokens;
    for (int step = 0; step < 200; ++step) {
      for (uint32_t i = random() % 4; i-- > 0;) tokens.push_back(static_cast<TokenId>(random() % 4));
      const auto most = static_cast<int64_t>(random() % 9);
      ASSERT_EQ(Proposed(lookup, tokens, most), Searched(tokens, most)) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace troupe::engine
