#include "runtime/train/skill_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "runtime/text/grammar.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::train {
namespace {

using testing::ElementsAre;

TEST(SkillPrompts, ATextTakesOneLine) {
  EXPECT_EQ(OneLine("  my card\r\n\tis  gone \n"), "my card is gone");
  EXPECT_EQ(OneLine(" \n"), "");
}

TEST(SkillPrompts, TheListSaysWhatItIsAboutAndEndsWhereATextBegins) {
  EXPECT_EQ(ListPrompt("Messages", {"card_arrival", ""}, {"where is it", "it is late"}),
            "Messages about card arrival:\n- where is it\n- it is late\n-");
  // a description says it in place of the label, as it is written
  EXPECT_EQ(ListPrompt("Letters", {"card_arrival", "a new_card\nthat is late"}, {}),
            "Letters about a new_card that is late:\n-");
}

TEST(SkillPrompts, OthersAreShownEachTimeAndTheSameForTheSameSeed) {
  // given ten texts
  std::vector<std::string> texts;
  for (int i = 0; i < 10; ++i) texts.push_back("text\n" + std::to_string(i));
  // when three are drawn with many seeds
  std::set<std::vector<std::string>> draws;
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto shown = DrawShown(texts, 3, seed);
    EXPECT_EQ(std::set(shown.begin(), shown.end()).size(), 3u);
    EXPECT_EQ(shown, DrawShown(texts, 3, seed));
    draws.insert(shown);
    seen.insert(shown.begin(), shown.end());
  }
  // then all are shown at some time, in many orders, each on one line
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_GT(draws.size(), 40u);
  EXPECT_TRUE(seen.contains("text 7"));
  // and never more than there are
  EXPECT_EQ(DrawShown({"one"}, 3, 1), std::vector<std::string>{"one"});
}

// Whether the pattern takes the whole text.
bool Fits(const std::string& pattern, const std::string& text) {
  const auto tokenizer = text::TinyTokenizer();
  const text::TokenId end = text::kTinyEnd;
  const auto matcher =
      (*text::Grammar::FromRegex(pattern, *text::GrammarEnv::Make(tokenizer, std::span(&end, 1))))->NewMatcher();
  const auto tokens = tokenizer->Encode(text, text::Specials::kPlain);
  for (const text::TokenId id : *tokens) {
    if (!(*matcher)->Accept(id)) return false;
  }
  return (*matcher)->IsComplete();
}

TEST(SkillPrompts, ANewTextIsOneLineOfSomeLength) {
  const std::string pattern = LinePattern(4);
  EXPECT_TRUE(Fits(pattern, " abcd\n"));
  EXPECT_TRUE(Fits(pattern, " a card, \xC3\xBC and more\n"));
  EXPECT_FALSE(Fits(pattern, " abc\n"));      // too short
  EXPECT_FALSE(Fits(pattern, " abcd"));       // not at its end
  EXPECT_FALSE(Fits(pattern, "abcd\n"));      // not behind the list's sign
  EXPECT_FALSE(Fits(pattern, " - abcd\n"));   // a list in the list
  EXPECT_FALSE(Fits(pattern, "  abcd\n"));    // nothing but blanks
  EXPECT_FALSE(Fits(pattern, " ab\ncd ef"));  // two lines
}

}  // namespace
}  // namespace troupe::train
