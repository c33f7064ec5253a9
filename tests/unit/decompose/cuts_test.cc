#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "router/decompose/decompose.h"

namespace troupe::decompose {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// The message at its cuts.
std::vector<std::string> Pieces(const std::string& text, const Options& options = {}) {
  const Candidates found = FindCandidates(text, options);
  std::vector<std::string> pieces;
  for (size_t i = 0; i + 1 < found.nodes.size(); ++i) {
    pieces.push_back(text.substr(found.nodes[i], found.nodes[i + 1] - found.nodes[i]));
  }
  return pieces;
}

TEST(Cuts, AreAtSentenceEndsWhateverTheScript) {
  EXPECT_THAT(Pieces("It leaks! Send one. (Really?) Yes"),
              ElementsAre("It leaks! ", "Send one. ", "(Really?) ", "Yes"));
  EXPECT_THAT(Pieces("包裹在哪里？我要退款。"), ElementsAre("包裹在哪里？", "我要退款。"));
  EXPECT_THAT(Pieces("one\ntwo"), ElementsAre("one\n", "two"));
}

TEST(Cuts, AreNotInsideNumbersAndAbbreviations) {
  EXPECT_THAT(Pieces("pay 3.50 e.g. tomorrow"), ElementsAre("pay 3.50 e.g. tomorrow"));
}

TEST(Cuts, StandBeforeARunOfConnectingWords) {
  EXPECT_THAT(Pieces("send shoes and also send socks"), ElementsAre("send shoes ", "and also send socks"));
  EXPECT_THAT(Pieces("send shoes plus send socks"), ElementsAre("send shoes ", "plus send socks"));
  EXPECT_THAT(Pieces("send shoes and"), ElementsAre("send shoes and"));
}

TEST(Cuts, StandWhereUnpunctuatedQuestionsOpen) {
  EXPECT_THAT(Pieces("where is my parcel how can i return shoes"),
              ElementsAre("where is my parcel ", "how can i return shoes"));
}

TEST(Cuts, AreNeverWithinACharacterOrAWord) {
  for (const std::string& piece : Pieces("naïve café, où? «Да.» Нет! 🙂 ok")) {
    EXPECT_NE(static_cast<unsigned char>(piece.front()) & 0xC0, 0x80) << piece;
  }
}

TEST(Cuts, TextsLeaveOutConnectingWordsAndBlanks) {
  const std::string text = "  send shoes. And also send socks ";
  const Candidates found = FindCandidates(text, {});
  EXPECT_THAT(Texts(text, found), Contains("send socks"));
  EXPECT_THAT(Texts(text, found), Contains("send shoes."));
}

TEST(Cuts, OfABlankTextAreNone) {
  for (const char* text : {"", " ", "\n\t \r\n", "\xC2\xA0\xE3\x80\x80"}) {
    EXPECT_THAT(FindCandidates(text, {}).spans, IsEmpty());
  }
}

TEST(Cuts, KeepToTheirBudgetWithTheSurestFirst) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "the word, a word, my word. ";
  Options options;
  options.max_spans = 20;
  const Candidates found = FindCandidates(text, options);
  EXPECT_LE(found.spans.size(), 20u);
  EXPECT_GT(found.spans.size(), 5u);
  EXPECT_THAT(found.kinds, Not(Contains(CutKind::kComma)));
}

TEST(Cuts, AlwaysLeaveAWayThrough) {
  Options options;
  options.max_span_words = 3;
  options.max_spans = 10;
  const Candidates found = FindCandidates("one two three four five six. Seven. Eight nine ten eleven twelve.", options);
  for (size_t i = 0; i + 1 < found.nodes.size(); ++i) {
    EXPECT_TRUE(std::ranges::any_of(found.spans, [&](const Candidate& span) {
      return span.from == static_cast<int>(i) && span.to == static_cast<int>(i) + 1;
    }));
  }
}

TEST(Cuts, OfAMegabyteAreBoundedWithAndWithoutBlanks) {
  Options options;
  for (const char* unit : {"x", "\xC3\xA9", "how? ", "and also ", ",", "\xE3\x80\x82"}) {
    std::string text;
    while (text.size() < (1u << 20)) text += unit;
    const Candidates found = FindCandidates(text, options);
    EXPECT_LE(found.spans.size(), static_cast<size_t>(options.max_spans)) << unit;
    for (const Candidate& span : found.spans) {
      EXPECT_LE(span.text.end - span.text.begin, static_cast<size_t>(options.max_span_bytes));
      EXPECT_NE(static_cast<unsigned char>(text[span.text.begin]) & 0xC0, 0x80);
      const char next = span.text.end < text.size() ? text[span.text.end] : ' ';
      EXPECT_NE(static_cast<unsigned char>(next) & 0xC0, 0x80);
    }
  }
}

}  // namespace
}  // namespace troupe::decompose
