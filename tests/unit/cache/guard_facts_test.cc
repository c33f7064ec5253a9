#include <gtest/gtest.h>

#include <cctype>
#include <ostream>
#include <string>

#include "router/cache/guard.h"

namespace troupe::cache {
namespace {

struct Pair {
  const char* left;
  const char* right;
  GuardCheck check;

  // In the test's name: the words without signs, which CMake would take for its own.
  friend void PrintTo(const Pair& pair, std::ostream* out) {
    for (const char c : std::string(pair.left) + " against " + pair.right) {
      if (std::isalnum(static_cast<unsigned char>(c)) || c == ' ') *out << c;
    }
  }
};

class GuardFactsTest : public testing::TestWithParam<Pair> {};

TEST_P(GuardFactsTest, AgreesOrSaysWhichFactDoesNot) {
  // given
  const auto& [left, right, check] = GetParam();
  // when
  const GuardVerdict verdict = Compare(left, right);
  // then: and the other way round alike
  EXPECT_EQ(CheckName(verdict.check), CheckName(check)) << left << " | " << right << " | " << ToString(verdict);
  EXPECT_EQ(CheckName(Compare(right, left).check), CheckName(check));
}

INSTANTIATE_TEST_SUITE_P(
    Polarity, GuardFactsTest,
    testing::Values(
        Pair{"My card works abroad", "My card does not work abroad", GuardCheck::kPolarity},
        Pair{"I can log in", "I can't log in", GuardCheck::kPolarity},
        Pair{"I can log in", "I cant log in", GuardCheck::kPolarity},
        Pair{"I can\xE2\x80\x99t log in", "I cannot log in", GuardCheck::kNone},
        Pair{"I have never been charged", "I have been charged", GuardCheck::kPolarity},
        Pair{"Is a transfer possible without a fee?", "Is a transfer possible with a fee?", GuardCheck::kPolarity},
        Pair{"I was unable to pay", "I was able to pay", GuardCheck::kPolarity},
        Pair{"My card is no longer valid", "My card is valid", GuardCheck::kPolarity},
        Pair{"My app isn't working and I can log in", "My app isn't working and I can't log in", GuardCheck::kPolarity},
        Pair{"I don't know how to reset my pin", "How do I reset my pin?", GuardCheck::kNone},
        Pair{"All cards are free except one", "All cards are free", GuardCheck::kPolarity}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, GuardFactsTest,
    testing::Values(Pair{"I ordered 2 cards", "I ordered 3 cards", GuardCheck::kNumbers},
                    Pair{"I ordered two cards", "I ordered 2 cards", GuardCheck::kNone},
                    Pair{"I need twenty-five seats", "I need 25 seats", GuardCheck::kNone},
                    Pair{"I need one hundred and fifty seats", "I need 150 seats", GuardCheck::kNone},
                    Pair{"I need 1,000 seats", "I need a thousand seats", GuardCheck::kNone},
                    Pair{"I need 1.5k seats", "I need 1500 seats", GuardCheck::kNone},
                    Pair{"My first card came", "My second card came", GuardCheck::kNumbers},
                    Pair{"My 3rd card came", "My third card came", GuardCheck::kNone},
                    Pair{"Is there a 5% discount", "Is there a 5 percent discount", GuardCheck::kNone},
                    Pair{"Is there a 5% discount", "Is there a 10% discount", GuardCheck::kNumbers},
                    Pair{"I waited 3 days", "I waited 3 weeks", GuardCheck::kNumbers},
                    Pair{"I waited a week", "I waited 1 week", GuardCheck::kNone},
                    Pair{"I was charged twice", "I was charged two times", GuardCheck::kNone},
                    Pair{"Does the router weigh 5kg?", "Does the router weigh 5 kilos?", GuardCheck::kNone},
                    Pair{"I got 50 instead of 30 points", "I got 30 instead of 50 points", GuardCheck::kOrder}));

INSTANTIATE_TEST_SUITE_P(
    Dates, GuardFactsTest,
    testing::Values(Pair{"Are you open on Monday?", "Are you open on Tuesday?", GuardCheck::kDates},
                    Pair{"Are you open on monday?", "Are you open on Mon?", GuardCheck::kNone},
                    Pair{"I leave on May 5", "I leave on 5th of May", GuardCheck::kNone},
                    Pair{"I leave on May 5", "I leave on May 6", GuardCheck::kDates},
                    Pair{"I leave on May 5", "I leave on June 5", GuardCheck::kDates},
                    Pair{"Can I come at 5 pm?", "Can I come at 17:00?", GuardCheck::kNone},
                    Pair{"Can I come at 5pm?", "Can I come at 5am?", GuardCheck::kDates},
                    Pair{"I paid yesterday", "I paid today", GuardCheck::kDates},
                    Pair{"I pay next week", "I paid last week", GuardCheck::kDates},
                    Pair{"It expires on 05/12/2026", "It expires on 5/12/2026", GuardCheck::kNone},
                    Pair{"It expires on 05/12/2026", "It expires on 06/12/2026", GuardCheck::kDates},
                    Pair{"I may order a card", "I might order a card", GuardCheck::kNone}));

INSTANTIATE_TEST_SUITE_P(Money, GuardFactsTest,
                         testing::Values(Pair{"I was charged $5", "I was charged 5 dollars", GuardCheck::kNone},
                                         Pair{"I was charged $5", "I was charged $50", GuardCheck::kMoney},
                                         Pair{"I was charged $5",
                                              "I was charged \xE2\x82\xAC"
                                              "5",
                                              GuardCheck::kMoney},
                                         Pair{"I was charged 5 GBP", "I was charged five pounds", GuardCheck::kNone},
                                         Pair{"I want to change euros", "I want to change dollars", GuardCheck::kMoney},
                                         Pair{"I want to change USD to EUR", "I want to change EUR to USD",
                                              GuardCheck::kOrder},
                                         Pair{"I paid 1.000,50 euros",
                                              "I paid \xE2\x82\xAC"
                                              "1000.50",
                                              GuardCheck::kNone}));

INSTANTIATE_TEST_SUITE_P(
    NamesAndCodes, GuardFactsTest,
    testing::Values(Pair{"I sent money to Ivonne", "I sent money to Tamika", GuardCheck::kNames},
                    Pair{"I sent money to Ivonne", "I sent money to ivonne", GuardCheck::kNone},
                    Pair{"Do you ship to france?", "Do you ship to spain?", GuardCheck::kNames},
                    Pair{"Do you ship to the UK?", "Do you ship to the United Kingdom?", GuardCheck::kNone},
                    Pair{"Do you ship to the US?", "Do you ship to the UK?", GuardCheck::kNames},
                    Pair{"Do you take American Express?", "Do you take amex?", GuardCheck::kNone},
                    Pair{"Where is order AB-1234?", "Where is order AB-1243?", GuardCheck::kCodes},
                    Pair{"Where is order AB-1234?", "where is order ab-1234", GuardCheck::kNone},
                    Pair{"My IBAN is DE89 3704 0044", "My IBAN is DE89 0044 3704", GuardCheck::kCodes},
                    Pair{"Write to ann@example.com", "Write to bob@example.com", GuardCheck::kCodes},
                    Pair{"See https://example.com/a", "See https://example.com/b", GuardCheck::kCodes}));

}  // namespace
}  // namespace troupe::cache
