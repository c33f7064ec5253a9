#include "router/decompose/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::decompose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Items(const std::string& text, const ListOptions& options = {}) {
  std::vector<std::string> items;
  for (const ListItem& item : SplitList(text, options)) {
    items.push_back(text.substr(item.text.begin, item.text.end - item.text.begin));
  }
  return items;
}

TEST(List, TakesItemsAfterMarkersAndKeepsWhatStandsAround) {
  EXPECT_THAT(Items("Please:\n- shoes\n* socks,\n  two pairs\n• a hat\n\nThanks, Ann"),
              ElementsAre("Please:", "shoes", "socks,\n  two pairs", "a hat", "Thanks, Ann"));
  EXPECT_THAT(Items("1. shoes\n2) socks\n(3) a hat\nb) gloves"), ElementsAre("shoes", "socks", "a hat", "gloves"));
}

TEST(List, ItemsInsideOfAnItemStayWithIt) {
  EXPECT_THAT(Items("- shoes\n  - red\n  - blue\n- socks"), ElementsAre("shoes\n  - red\n  - blue", "socks"));
  EXPECT_THAT(Items("- shoes\n\n  in red\n- socks"), ElementsAre("shoes\n\n  in red", "socks"));
}

TEST(List, NumbersWithinALineCountFromOne) {
  EXPECT_THAT(Items("I want 1) new shoes 2) my money back, and 3) an answer"),
              ElementsAre("I want", "new shoes", "my money back, and", "an answer"));
  EXPECT_THAT(Items("I paid 20. You owe me 3. That is all"), ElementsAre("I paid 20. You owe me 3. That is all"))
      << "these do not count from one";
}

TEST(List, WithoutMarkersLinesAreItems) {
  EXPECT_THAT(Items("shoes\n\nsocks\r\n a hat "), ElementsAre("shoes", "socks", "a hat"));
  EXPECT_THAT(Items("A dash - like this - and -5 degrees\n-no blank after it"),
              ElementsAre("A dash - like this - and -5 degrees", "-no blank after it"));
  EXPECT_THAT(Items("one line"), ElementsAre("one line"));
}

TEST(List, ASeparatorIsWhatIsBetweenItems) {
  EXPECT_THAT(Items("shoes; socks;;a hat;", {.separator = ";"}), ElementsAre("shoes", "socks", "a hat"));
  EXPECT_THAT(Items("- a\n---\n- b", {.separator = "---"}), ElementsAre("- a", "- b"));
}

TEST(List, BlankTextsHaveNoItems) {
  EXPECT_THAT(Items(""), IsEmpty());
  EXPECT_THAT(Items(" \n\t\r\n "), IsEmpty());
  EXPECT_THAT(Items(";;", {.separator = ";"}), IsEmpty());
}

TEST(List, WhatIsBeyondTheMaxIsJoinedToTheLastItem) {
  EXPECT_THAT(Items("- a\n- b\n- c\n- d\n", {.max_items = 2}), ElementsAre("a", "b\n- c\n- d"));
}

TEST(List, ItemsTileEveryTextAndLoseOnlyMarkersAndBlanks) {
  constexpr const char* kPieces[] = {"- ", "1. ", "2) ", "(3) ", "\n", "\n\n", "word", " ", ";", "é", "·", "   ", "a)"};
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string text;
    for (size_t i = random() % 30; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const ListOptions options{.separator = seed % 3 == 0 ? ";" : "", .max_items = 1 + static_cast<int>(random() % 6)};
    const std::vector<ListItem> items = SplitList(text, options);
    EXPECT_LE(items.size(), static_cast<size_t>(options.max_items));
    if (text.find("word") != text.npos) {
      EXPECT_FALSE(items.empty());
    } else if (text.find_first_not_of(options.separator + " \n") == text.npos) {
      EXPECT_TRUE(items.empty());
    }
    size_t at = 0;
    for (const ListItem& item : items) {
      EXPECT_EQ(item.whole.begin, at);
      EXPECT_LE(item.whole.begin, item.text.begin);
      EXPECT_LT(item.text.begin, item.text.end) << "an item without text";
      EXPECT_LE(item.text.end, item.whole.end);
      for (size_t lost = item.whole.begin; lost < item.text.begin; ++lost) {
        EXPECT_EQ(std::string("word").find(text[lost]), std::string::npos) << "a word is lost at " << lost;
      }
      at = item.whole.end;
    }
    EXPECT_EQ(at, items.empty() ? 0 : text.size());
  }
}

TEST(List, StretchesToEmbedAreTheItemsAndNoMore) {
  const std::string text = "- send shoes\n- send socks\n";
  const std::vector<ListItem> items = SplitList(text, {});
  const Candidates found = ItemCandidates(text, items, {.max_span_bytes = 6});
  EXPECT_THAT(Texts(text, found), ElementsAre("send s", "send s"));
  EXPECT_THAT(found.nodes, ElementsAre(0, items[1].whole.begin, text.size()));
  EXPECT_EQ(found.spans[1].from, 1);
  EXPECT_EQ(found.spans[1].to, 2);
}

}  // namespace
}  // namespace troupe::decompose
