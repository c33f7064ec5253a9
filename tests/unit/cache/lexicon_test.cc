#include "router/cache/lexicon.h"

#include <gtest/gtest.h>

#include <sstream>

#include "router/cache/word_lists.h"

namespace troupe::cache {
namespace {

const Lexicon& Words() { return Lexicon::Get(); }

TEST(LexiconTest, FormsOfAWordHaveOneBase) {
  EXPECT_EQ(Words().Base("cards"), Words().Base("card"));
  EXPECT_EQ(Words().Base("activating"), Words().Base("activate"));
  EXPECT_EQ(Words().Base("stopped"), Words().Base("stop"));
  EXPECT_EQ(Words().Base("adding"), Words().Base("add"));
  EXPECT_EQ(Words().Base("sent"), Words().Base("send"));
  EXPECT_EQ(Words().Base("countries"), Words().Base("country"));
  EXPECT_NE(Words().Base("bus"), Words().Base("bu"));
}

TEST(LexiconTest, CorrectsOneLetterInALongEnoughWordThatNoListHas) {
  EXPECT_EQ(Words().Corrected("adress"), "address");
  EXPECT_EQ(Words().Corrected("acount"), std::nullopt);  // or "amount"?
  EXPECT_TRUE(Words().IsMisspelt("acount", "account"));
  EXPECT_FALSE(Words().IsMisspelt("amount", "account"));
  EXPECT_EQ(Words().Corrected("accuont"), "account");
  EXPECT_EQ(Words().Corrected("accoumt"), "account");
  EXPECT_EQ(Words().Corrected("account"), std::nullopt);
  EXPECT_EQ(Words().Corrected("crad"), std::nullopt);    // too short
  EXPECT_EQ(Words().Corrected("marias"), std::nullopt);  // names are not corrected to
  EXPECT_EQ(Words().Corrected("blacklist"), std::nullopt);
}

TEST(LexiconTest, SynonymsAreMutualAndWordsTakeSides) {
  EXPECT_TRUE(Words().AreSynonyms(Words().Base("buy"), Words().Base("purchase")));
  EXPECT_TRUE(Words().AreSynonyms(Words().Base("purchase"), Words().Base("buy")));
  EXPECT_FALSE(Words().AreSynonyms(Words().Base("buy"), Words().Base("sell")));
  ASSERT_FALSE(Words().PolesOf(Words().Base("lock")).empty());
  EXPECT_TRUE(Words().PolesOf("xylophone").empty());
}

// The lines of a list of groups, as base forms.
std::vector<std::vector<std::string>> Groups(std::string_view list) {
  std::vector<std::vector<std::string>> groups;
  std::istringstream lines{std::string(WordList(list))};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    groups.emplace_back();
    for (std::string word; words >> word;) groups.back().push_back(Words().Base(word));
  }
  return groups;
}

TEST(LexiconTest, NoTwoWordsAreSynonymsAndOppositesAtOnce) {
  for (const auto& group : Groups("synonyms")) {
    for (const std::string& word : group) {
      for (const std::string& other : group) {
        for (const Pole& pole : Words().PolesOf(word)) {
          for (const Pole& against : Words().PolesOf(other)) {
            EXPECT_FALSE(pole.line == against.line && pole.side != against.side) << word << " and " << other;
          }
        }
      }
    }
  }
}

TEST(LexiconTest, NoCommonEnglishWordPassesForAnotherLanguage) {
  for (const auto& group : Groups("common")) {
    for (const std::string& word : group) EXPECT_FALSE(Words().IsForeign(word)) << word;
  }
}

TEST(LexiconTest, ListsNameWhatTheyKnow) {
  EXPECT_EQ(*Words().Name("united_states"), "united_states");
  EXPECT_EQ(*Words().Currency("pounds"), "GBP");
  EXPECT_EQ(*Words().Unit("hrs"), "hour");
  EXPECT_EQ(*Words().Date("fri"), "friday");
  EXPECT_EQ(*Words().Polarity("never"), "not");
  EXPECT_EQ(Words().Name("card"), nullptr);
}

}  // namespace
}  // namespace troupe::cache
