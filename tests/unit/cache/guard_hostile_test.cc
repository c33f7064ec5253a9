// Texts that nobody asks: the guard judges none of them, and takes no time over them.
#include <gtest/gtest.h>

#include <random>

#include "router/cache/guard.h"
#include "router/cache/guard_tokens.h"

namespace troupe::cache {
namespace {

void ExpectUnreadable(std::string_view text) {
  EXPECT_EQ(Compare(text, text).check, GuardCheck::kReadable) << text.substr(0, 40);
}

TEST(GuardHostileTest, WhatItCannotJudgeDoesNotPassEvenAgainstItself) {
  ExpectUnreadable("");
  ExpectUnreadable(" \n ?!");
  ExpectUnreadable("caf\xC3");                        // cut off
  ExpectUnreadable("\xC0\xAF");                       // overlong
  ExpectUnreadable("\xED\xA0\x80");                   // a surrogate
  ExpectUnreadable("\xF4\x90\x80\x80");               // beyond Unicode
  ExpectUnreadable("\xD0\xB3\xD0\xB4\xD0\xB5 card");  // Cyrillic
  ExpectUnreadable("my c\xD0\xB0rd");                 // one letter of it
  ExpectUnreadable("my ca\xE2\x80\x8Brd");            // a blank of no width
  ExpectUnreadable(
      "my \xE2\x80\xAE"
      "card");  // right to left
  ExpectUnreadable(std::string_view("my\0card", 7));
  ExpectUnreadable("Meine Karte ist nicht angekommen");
  ExpectUnreadable("ma carte n'est pas dans le distributeur");
}

TEST(GuardHostileTest, ATextThatIsTooLongIsNotRead) {
  const std::string longest(kMaxGuardedBytes, 'a');
  EXPECT_TRUE(Compare(longest, longest).passes());
  ExpectUnreadable(longest + "a");
  ExpectUnreadable(std::string(1 << 20, 'a'));
}

TEST(GuardHostileTest, AnyBytesGiveTheSameVerdictBothWays) {
  // given: pieces that mean something to it, in any order, and bytes in between
  const char* kPieces[] = {"not ", "5",   ",",     ".",    "$",    "%",   "a ",       "hundred ",
                           "may ", "of ", "next ", "week", "@",    "://", "from ",    "to ",
                           "-",    "'",   "n't ",  "one ", "and ", "USD", "\xC3\xA9", "\xE2\x82\xAC",
                           "\xFF", " ",   "\n",    "am "};
  std::mt19937 random(7);
  const auto text = [&] {
    std::string made;
    for (unsigned i = random() % 30; i > 0; --i) made += kPieces[random() % std::size(kPieces)];
    return made;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string left = text(), right = text();
    // when, then
    EXPECT_EQ(Compare(left, right).check, Compare(right, left).check) << left << " | " << right;
    const GuardVerdict self = Compare(left, left);
    EXPECT_TRUE(self.passes() || self.check == GuardCheck::kReadable) << left << " | " << ToString(self);
  }
}

}  // namespace
}  // namespace troupe::cache
