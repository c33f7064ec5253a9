#include "router/decompose/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::decompose {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Texts(const std::string& text, const WindowOptions& options) {
  std::vector<std::string> texts;
  for (const Window& window : FindWindows(text, options)) {
    texts.push_back(text.substr(window.bytes.begin, window.bytes.end - window.bytes.begin));
  }
  return texts;
}

TEST(Windows, EndAtTheLastParagraphThatFits) {
  EXPECT_THAT(Texts("One two. Three.\n\nFour five. Six seven eight.", {.size = 30}),
              ElementsAre("One two. Three.\n\n", "Four five. Six seven eight."));
}

TEST(Windows, ElseAtASentenceElseAtAWordElseWhereTheyAreFull) {
  EXPECT_THAT(Texts("One two three. Four five six", {.size = 20}), ElementsAre("One two three. ", "Four five six"));
  EXPECT_THAT(Texts("one two three four five", {.size = 12}), ElementsAre("one two ", "three four ", "five"));
  EXPECT_THAT(Texts("abcdefghij", {.size = 4}), ElementsAre("abcd", "efgh", "ij"));
  EXPECT_THAT(Texts("A. bcdefgh ijkl", {.size = 10}), ElementsAre("A. bcdefgh", " ijkl"))
      << "a sentence end in the first half would leave the window mostly empty";
}

TEST(Windows, BeginWithTheLastSentenceOrWordsOfTheOneBefore) {
  EXPECT_THAT(Texts("One two. Three four. Five six. Seven.", {.size = 24, .overlap = 12}),
              ElementsAre("One two. Three four. ", "Three four. Five six. ", "Five six. Seven."));
  EXPECT_THAT(Texts("one two three four five", {.size = 14, .overlap = 6}),
              ElementsAre("one two three ", "three four ", "four five"));
}

TEST(Windows, CountCharactersAndNotBytes) {
  const std::vector<Window> windows = FindWindows("ééé ééé", {.size = 4});
  ASSERT_THAT(windows, SizeIs(2));
  EXPECT_EQ(windows[0], (Window{.bytes = {0, 7}, .start = 0, .end = 4}));
  EXPECT_EQ(windows[1], (Window{.bytes = {7, 13}, .start = 4, .end = 7}));
}

TEST(Windows, StopAtOneMoreThanMayBe) {
  EXPECT_THAT(FindWindows(std::string(100, 'x'), {.size = 1, .max_windows = 5}), SizeIs(6));
  EXPECT_THAT(FindWindows("", {}), IsEmpty());
  EXPECT_THAT(FindWindows(" \n ", {}), SizeIs(1)) << "blanks are part of a document";
}

// Every document in every size: joined without overlaps it is the document, and nothing is cut inside of a character.
TEST(Windows, CoverEveryDocumentExactly) {
  constexpr const char* kPieces[] = {"word ", "a",      ". ", "\n\n",         "\n",          " ",
                                     "é",     "漢字。", "🙂", "longwordlong", "e.g. 3.50? ", "\xC2\xA0"};
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string text;
    for (size_t i = random() % 60; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const int64_t size = 1 + static_cast<int64_t>(random() % 40);
    const WindowOptions options{.size = size, .overlap = static_cast<int64_t>(random() % 25) % (size / 2 + 1)};
    std::string joined;
    int64_t before = 0;
    const std::vector<Window> windows = FindWindows(text, options);
    for (const Window& window : windows) {
      EXPECT_LE(window.end - window.start, size);
      EXPECT_LE(window.start, before) << "a gap";
      EXPECT_LE(before - window.start, options.overlap);
      EXPECT_LT(before, window.end) << "a window with nothing new";
      EXPECT_LE(window.bytes.begin, joined.size());
      const bool inside =
          window.bytes.end < text.size() && (static_cast<unsigned char>(text[window.bytes.end]) & 0xC0) == 0x80;
      EXPECT_FALSE(inside) << "cut within a character";
      joined += text.substr(joined.size(), window.bytes.end - joined.size());
      before = window.end;
    }
    EXPECT_EQ(joined, text);
    // fewer than four windows for each full one, whatever the text
    EXPECT_LE(static_cast<int64_t>(windows.size()), 4 * (before / size + 1) + (size < 4 ? before : 0));
  }
}

TEST(Windows, BrokenBytesAreCarriedAlong) {
  const std::string text = "\x80\xBF ok \xFF\xFE\x80 end";
  std::string joined;
  for (const std::string& piece : Texts(text, {.size = 3})) joined += piece;
  EXPECT_EQ(joined, text);
}

}  // namespace
}  // namespace troupe::decompose
