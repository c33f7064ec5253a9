#include "runtime/engine/page_pool.h"

#include <gtest/gtest.h>

#include <numeric>

namespace troupe::engine {
namespace {

std::vector<TokenId> Tokens(int count, TokenId first = 0) {
  std::vector<TokenId> tokens(count);
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

std::vector<TokenId> Joined(std::vector<TokenId> a, const std::vector<TokenId>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Takes pages for the tokens, computes all of them, and lets others know.
PagePool::Acquired Compute(PagePool& pool, const std::vector<TokenId>& tokens) {
  auto acquired = pool.Acquire(tokens, Reuse::kPrefix);
  EXPECT_TRUE(acquired);
  if (!acquired) return {};
  pool.Register(acquired->holding, tokens);
  return *acquired;
}

void ComputeAndRelease(PagePool& pool, const std::vector<TokenId>& tokens) {
  auto computed = Compute(pool, tokens);
  pool.Release(computed.holding);
}

TEST(PagePoolTest, TakesWholePagesAndSaysWhatIsLeft) {
  PagePool pool(8);
  EXPECT_EQ(pool.Cost(Tokens(33), Reuse::kPrefix), 3);
  auto taken = pool.Acquire(Tokens(33), Reuse::kPrefix);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->holding.pages.size(), 3u);
  EXPECT_EQ(taken->length, 0);
  EXPECT_EQ(pool.free(), 5);
  pool.Release(taken->holding);
  EXPECT_EQ(pool.free(), 8);
  EXPECT_EQ(pool.cached(), 0);
}

TEST(PagePoolTest, WhatDoesNotFitTakesNothing) {
  PagePool pool(3);
  ComputeAndRelease(pool, Tokens(16));
  EXPECT_FALSE(pool.Acquire(Tokens(16 * 4), Reuse::kPrefix));
  EXPECT_EQ(pool.available(), 3);
  auto taken = pool.Acquire(Tokens(40, 100), Reuse::kPrefix);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(pool.Grow(taken->holding, 48));
  EXPECT_FALSE(pool.Grow(taken->holding, 49));
  EXPECT_EQ(taken->holding.pages.size(), 3u);
}

TEST(PagePoolTest, APrefixThatIsThereIsHeldByBoth) {
  PagePool pool(8);
  const auto prefix = Tokens(32);
  const auto first = Compute(pool, Joined(prefix, Tokens(8, 100)));
  EXPECT_EQ(pool.Cost(Joined(prefix, Tokens(8, 200)), Reuse::kPrefix), 1);
  const auto second = Compute(pool, Joined(prefix, Tokens(8, 200)));
  EXPECT_EQ(second.length, 32);
  EXPECT_FALSE(second.copy);
  EXPECT_EQ(second.holding.pages[0], first.holding.pages[0]);
  EXPECT_EQ(second.holding.pages[1], first.holding.pages[1]);
  EXPECT_NE(second.holding.pages[2], first.holding.pages[2]);
  EXPECT_EQ(pool.free(), 4);
}

TEST(PagePoolTest, APrefixIsThereWhenItsSequenceIsGone) {
  PagePool pool(8);
  const auto prompt = Joined(Tokens(32), Tokens(8, 100));
  ComputeAndRelease(pool, prompt);
  EXPECT_EQ(pool.cached(), 2);
  EXPECT_EQ(pool.free(), 6);
  // nobody holds them, so they count as what this one takes
  EXPECT_EQ(pool.Cost(prompt, Reuse::kPrefix), 3);
  EXPECT_EQ(Compute(pool, prompt).length, 32);
  EXPECT_EQ(pool.cached(), 0);
}

TEST(PagePoolTest, WhereThePrefixEndsWithinAPageItIsCopied) {
  PagePool pool(8);
  const auto first = Compute(pool, Tokens(32));
  auto other = Tokens(32);
  other[21] = 999;
  const auto second = Compute(pool, other);
  EXPECT_EQ(second.length, 21);
  ASSERT_TRUE(second.copy);
  EXPECT_EQ(second.copy->from, first.holding.pages[1]);
  EXPECT_EQ(second.copy->to, second.holding.pages[1]);
}

TEST(PagePoolTest, TheLongestOfSeveralPartsIsCopied) {
  PagePool pool(16);
  std::vector<PagePool::Acquired> held;
  for (const int differs : {3, 11, 7}) {
    auto tokens = Tokens(16);
    tokens[differs] = 1000 - differs;
    held.push_back(Compute(pool, tokens));
  }
  const auto taken = pool.Acquire(Tokens(40), Reuse::kPrefix);
  EXPECT_EQ(taken->length, 11);
  EXPECT_EQ(taken->copy->from, held[1].holding.pages[0]);
}

TEST(PagePoolTest, TheLastTokenOfAPromptIsAlwaysRun) {
  PagePool pool(8);
  ComputeAndRelease(pool, Tokens(32));
  const auto same = pool.Acquire(Tokens(32), Reuse::kPrefix);
  EXPECT_EQ(same->length, 31);
  ASSERT_TRUE(same->copy);
  EXPECT_EQ(pool.Acquire(Tokens(17), Reuse::kPrefix)->length, 16);
  EXPECT_EQ(pool.Acquire(Tokens(16), Reuse::kPrefix)->length, 15);
  EXPECT_EQ(pool.Acquire(Tokens(1), Reuse::kPrefix)->length, 0);
}

TEST(PagePoolTest, WithoutReuseEverythingIsRun) {
  PagePool pool(8);
  ComputeAndRelease(pool, Tokens(32));
  EXPECT_EQ(pool.Cost(Tokens(32), Reuse::kNothing), 2);
  const auto taken = pool.Acquire(Tokens(32), Reuse::kNothing);
  EXPECT_EQ(taken->length, 0);
  EXPECT_EQ(taken->holding.known, 0);
}

TEST(PagePoolTest, TheSameTokensAfterOthersAreNotTheSame) {
  PagePool pool(8);
  ComputeAndRelease(pool, Joined(Tokens(16), Tokens(16, 100)));
  EXPECT_EQ(pool.Acquire(Joined(Tokens(16, 50), Tokens(17, 100)), Reuse::kPrefix)->length, 0);
}

TEST(PagePoolTest, TheLeastRecentlyUsedIsTakenAndChainsFromTheirEnds) {
  PagePool pool(4);
  ComputeAndRelease(pool, Tokens(32));       // two pages
  ComputeAndRelease(pool, Tokens(32, 100));  // two pages, used later
  EXPECT_EQ(pool.free(), 0);
  auto one = pool.Acquire(Tokens(16, 200), Reuse::kPrefix);
  EXPECT_FALSE(pool.Acquire(Tokens(64), Reuse::kNothing));
  pool.Release(one->holding);
  EXPECT_EQ(pool.Cost(Tokens(64), Reuse::kPrefix), 4);
  // the end of the first chain went, its beginning and the second chain are there
  auto first = pool.Acquire(Tokens(17), Reuse::kPrefix);
  EXPECT_EQ(first->length, 16);
  pool.Release(first->holding);
  auto second = pool.Acquire(Tokens(32, 100), Reuse::kPrefix);
  EXPECT_EQ(second->length, 31);
}

TEST(PagePoolTest, WhatWasUsedAgainStaysLonger) {
  PagePool pool(4);
  ComputeAndRelease(pool, Tokens(32));
  ComputeAndRelease(pool, Tokens(32, 100));
  ComputeAndRelease(pool, Tokens(33));  // needs a page more: of the second chain
  auto first = pool.Acquire(Tokens(33), Reuse::kPrefix);
  EXPECT_EQ(first->length, 32);
  pool.Release(first->holding);
  EXPECT_EQ(pool.Acquire(Tokens(33, 100), Reuse::kPrefix)->length, 16);
}

TEST(PagePoolTest, TwoThatComputeTheSameAtOnceHoldTheSameAfterwards) {
  PagePool pool(8);
  auto first = pool.Acquire(Tokens(40), Reuse::kPrefix);
  auto second = pool.Acquire(Tokens(40), Reuse::kPrefix);
  EXPECT_EQ(pool.free(), 2);
  pool.Register(first->holding, Tokens(40));
  pool.Register(second->holding, Tokens(40));
  EXPECT_EQ(pool.free(), 4);
  EXPECT_EQ(first->holding.pages[1], second->holding.pages[1]);
  EXPECT_NE(first->holding.pages[2], second->holding.pages[2]);
}

TEST(PagePoolTest, WhatAnotherComputedMeanwhileIsPassedOver) {
  PagePool pool(12);
  auto first = pool.Acquire(Tokens(70), Reuse::kPrefix);
  auto second = pool.Acquire(Tokens(70), Reuse::kPrefix);
  EXPECT_EQ(pool.SkipKnown(second->holding, Tokens(70), 0), 0);
  pool.Register(first->holding, Tokens(48));
  EXPECT_EQ(pool.SkipKnown(second->holding, Tokens(70), 0), 48);
  EXPECT_EQ(second->holding.pages[2], first->holding.pages[2]);
  EXPECT_EQ(pool.free(), 12 - 5 - 2);
  // within a page, or where the one before is not known, nothing is passed over
  pool.Register(first->holding, Tokens(64));
  EXPECT_EQ(pool.SkipKnown(second->holding, Tokens(70), 50), 50);
  // the last token is always run
  EXPECT_EQ(pool.SkipKnown(second->holding, Tokens(64), 48), 48);
  EXPECT_EQ(pool.SkipKnown(second->holding, Tokens(70), 48), 64);
}

TEST(PagePoolTest, AForkHoldsFullPagesAndACopyOfTheRest) {
  PagePool pool(5);
  const auto first = Compute(pool, Tokens(40));
  const auto second = pool.Fork(first.holding, 40);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->holding.pages[1], first.holding.pages[1]);
  ASSERT_TRUE(second->copy);
  EXPECT_EQ(second->copy->from, first.holding.pages[2]);
  EXPECT_EQ(second->copy->to, second->holding.pages[2]);
  EXPECT_FALSE(pool.Fork(first.holding, 32)->copy);
  ASSERT_TRUE(pool.Fork(first.holding, 40));
  EXPECT_FALSE(pool.Fork(first.holding, 40)) << "no page is left for the copy";
}

TEST(PagePoolTest, TruncateGivesBackAndLeavesALastPageThatCanBeWritten) {
  PagePool pool(8);
  // its own alone: it is not known any more, since it will hold other tokens
  auto alone = Compute(pool, Joined(Tokens(48), {7, 8, 9}));
  auto cut = pool.Truncate(alone.holding, 40);
  EXPECT_EQ(cut.length, 40);
  EXPECT_FALSE(cut.copy);
  EXPECT_EQ(alone.holding.pages.size(), 3u);
  EXPECT_EQ(alone.holding.known, 2);
  EXPECT_EQ(pool.Acquire(Tokens(48), Reuse::kPrefix)->length, 32);
}

TEST(PagePoolTest, TruncateCopiesAPageThatOthersHold) {
  PagePool pool(8);
  auto first = Compute(pool, Tokens(48));
  auto second = Compute(pool, Joined(Tokens(48), {7}));
  ASSERT_EQ(second.holding.pages[2], first.holding.pages[2]);
  const auto cut = pool.Truncate(second.holding, 40);
  ASSERT_TRUE(cut.copy);
  EXPECT_EQ(cut.copy->from, first.holding.pages[2]);
  EXPECT_EQ(cut.copy->to, second.holding.pages[2]);
  EXPECT_EQ(second.holding.known, 2);
}

TEST(PagePoolTest, TruncateGoesBackFurtherWhereNoPageIsLeft) {
  PagePool pool(4);
  auto first = Compute(pool, Tokens(48));
  auto second = Compute(pool, Joined(Tokens(48), {7}));
  auto third = pool.Fork(first.holding, 48);
  pool.Truncate(second.holding, 48);
  auto last = pool.Acquire(Tokens(5, 300), Reuse::kNothing);
  ASSERT_TRUE(last);
  ASSERT_EQ(pool.available(), 0);
  const auto cut = pool.Truncate(third->holding, 40);
  EXPECT_EQ(cut.length, 32);
  EXPECT_FALSE(cut.copy);
  EXPECT_EQ(third->holding.pages.size(), 2u);
}

TEST(PagePoolTest, WhatIsForgottenIsNotFoundAgain) {
  PagePool pool(8);
  ComputeAndRelease(pool, Joined(Tokens(32), Tokens(16, 100)));
  auto bad = Compute(pool, Joined(Tokens(32), Tokens(17, 200)));
  pool.Forget(bad.holding);
  EXPECT_EQ(pool.free(), 8) << "with what rested on it";
  EXPECT_EQ(pool.Acquire(Tokens(48), Reuse::kPrefix)->length, 0);
}

TEST(PagePoolTest, WhatOthersHoldIsNotForgotten) {
  PagePool pool(8);
  auto good = Compute(pool, Tokens(40));
  auto bad = Compute(pool, Joined(Tokens(32), Tokens(16, 200)));
  pool.Forget(bad.holding);
  EXPECT_EQ(pool.cached(), 0);
  EXPECT_EQ(pool.free(), 5);
  EXPECT_EQ(pool.Acquire(Tokens(48), Reuse::kPrefix)->length, 32);
}

}  // namespace
}  // namespace troupe::engine
