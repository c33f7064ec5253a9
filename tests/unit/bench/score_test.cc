#include "tests/bench/distill/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::bench {
namespace {

TEST(Score, WordsAreLettersAndDigits) {
  EXPECT_THAT(WordsOf("  We e-mail you, within 3 days."),
              testing::ElementsAre("we", "e-mail", "you", "within", "3", "days"));
  EXPECT_TRUE(WordsOf(" .,! ").empty());
}

TEST(Score, RougeLCountsTheLongestCommonSubsequence) {
  EXPECT_EQ(RougeL("We will call you.", "we will call you"), 1);
  EXPECT_EQ(RougeL("you call will we", "we will call you"), 2.0 / 8);
  // three of four words, in order, of five and four
  EXPECT_DOUBLE_EQ(RougeL("we will gladly phone you", "we will call you"), 2 * 3.0 / 9);
  EXPECT_EQ(RougeL("", "we will call you"), 0);
}

TEST(Score, FactsAreKeptWhereAllAreThereAndNoNumberIsNew) {
  const std::string source = "Customer: order 77?\nPolicy: We trace it within 3 days.";
  EXPECT_TRUE(KeepsFacts("We will trace order 77 within 3 days.", {"trace", "3", "days"}, source));
  EXPECT_FALSE(KeepsFacts("We will trace it within days.", {"trace", "3", "days"}, source));
  EXPECT_FALSE(KeepsFacts("We will trace it within 3 or 4 days.", {"trace", "3", "days"}, source));
}

}  // namespace
}  // namespace troupe::bench
