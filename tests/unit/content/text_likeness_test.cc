#include "router/content/text_likeness.h"

#include <gtest/gtest.h>

#include "router/content/language_guess.h"
#include "router/content/words.h"

namespace troupe::content {
namespace {

double Alike(std::string_view a, std::string_view b) { return Likeness(WordingOf(a), WordingOf(b)); }

TEST(Likeness, IsOfWordsAndTheirOrder) {
  EXPECT_DOUBLE_EQ(Alike("All the best, {{name}}!", "ALL THE BEST {{name}}"), 1.0);
  EXPECT_DOUBLE_EQ(Alike("one two three", "four five six"), 0.0);
  EXPECT_DOUBLE_EQ(Alike("", ""), 1.0);
  EXPECT_DOUBLE_EQ(Alike("", "one"), 0.0);
  // the same words in another order are alike, but not the same
  EXPECT_GT(Alike("the dog bites the man", "the man bites the dog"), 0.5);
  EXPECT_LT(Alike("the dog bites the man", "the man bites the dog"), 0.95);
  EXPECT_GT(Alike("a good day to you, friend", "a good day to you, dear friend"), 0.7);
}

TEST(HasPhrase, FindsWholeWordsOnly) {
  EXPECT_TRUE(HasPhrase(WordsOf("Get FREE money, now"), "free money"));
  EXPECT_FALSE(HasPhrase(WordsOf("carefree moneymaker"), "free money"));
  EXPECT_FALSE(HasPhrase(WordsOf("free of charge, money back"), "free money"));
  EXPECT_FALSE(HasPhrase(WordsOf("anything"), "!!"));
}

TEST(GuessOtherLanguage, SpeaksOnlyWhereItIsPlain) {
  constexpr std::string_view kGerman =
      "Wir freuen uns, dass du wieder da bist, und haben dir etwas auf dein Konto gelegt.";
  constexpr std::string_view kEnglish = "We are glad that you are back, and we have put something on your account.";
  EXPECT_EQ(GuessOtherLanguage(WordsOf(kGerman), "en"), "de");
  EXPECT_EQ(GuessOtherLanguage(WordsOf(kEnglish), "de-at"), "en");
  EXPECT_EQ(GuessOtherLanguage(WordsOf(kGerman), "de"), "");
  EXPECT_EQ(GuessOtherLanguage(WordsOf(kEnglish), "en-gb"), "");
  EXPECT_EQ(GuessOtherLanguage(WordsOf("Hi!"), "de"), "");
  // of this one nothing is known
  EXPECT_EQ(GuessOtherLanguage(WordsOf(kEnglish), "fi"), "");
}

}  // namespace
}  // namespace troupe::content
