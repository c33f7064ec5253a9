#include "agents/retrieve/chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace troupe::retrieve {
namespace {

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST(Chunk, PassagesKnowTheirHeadingAndLine) {
  const auto passages = Chunk("# Late delivery\n\nWe trace it.\nAt once.\n\n## Lost\nWe send a new one.\n", {});
  ASSERT_EQ(passages.size(), 2u);
  EXPECT_EQ(passages[0], (Passage{"We trace it.\nAt once.", "Late delivery", 3}));
  EXPECT_EQ(passages[1], (Passage{"We send a new one.", "Lost", 7}));
}

TEST(Chunk, ParagraphsAreGatheredUpToTheSize) {
  const auto passages = Chunk("aaaa\n\nbbbb\n\ncccc", {.size = 10});
  ASSERT_EQ(passages.size(), 2u);
  EXPECT_EQ(passages[0].text, "aaaa\n\nbbbb");
  EXPECT_EQ(passages[1], (Passage{"cccc", "", 5}));
}

TEST(Chunk, ALongParagraphIsCutBetweenSentences) {
  const auto passages = Chunk("First one. Second one.\nThird one.", {.size = 22});
  ASSERT_EQ(passages.size(), 2u);
  EXPECT_EQ(passages[0].text, "First one. Second one.");
  EXPECT_EQ(passages[1], (Passage{"Third one.", "", 2}));
}

TEST(Chunk, OverlapRepeatsWholeSentences) {
  const auto passages = Chunk("One one. Two two. Three.", {.size = 17, .overlap = 9});
  ASSERT_EQ(passages.size(), 2u);
  EXPECT_EQ(passages[0].text, "One one. Two two.");
  EXPECT_EQ(passages[1].text, "Two two. Three.");
}

TEST(Chunk, AHeadingAloneIsAPassage) {
  const auto passages = Chunk("# Only a heading", {});
  ASSERT_EQ(passages.size(), 1u);
  EXPECT_EQ(passages[0].text, "# Only a heading");
  EXPECT_TRUE(Chunk("", {}).empty());
  EXPECT_TRUE(Chunk(" \n\n \t\n", {}).empty());
}

TEST(Chunk, NoWordIsLostAndNoPassageIsTooLong) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const char* pieces[] = {"wörd", "a", ".", " ", "\n", "\n\n", "日本語", "supercalifragilistic", "! ", "? ", "  "};
    std::string text;
    for (int i = 0; i < 200; ++i) text += pieces[random() % std::size(pieces)];
    const int64_t size = 5 + static_cast<int64_t>(random() % 60);
    std::string joined;
    for (const Passage& passage : Chunk(text, {.size = size})) {
      int64_t characters = 0;
      for (const char c : passage.text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      EXPECT_LE(characters, size);
      EXPECT_GT(characters, 0);
      joined += passage.text + " ";
    }
    // words longer than a passage are cut, so compare letters only
    std::string before, after;
    for (const auto& word : Words(text)) before += word;
    for (const auto& word : Words(joined)) after += word;
    EXPECT_EQ(before, after);
  }
}

}  // namespace
}  // namespace troupe::retrieve
