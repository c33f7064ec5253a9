#include "router/cli/text_width.h"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

TEST(Neutralise, NoControlCharacterOfAModelReachesTheTerminal) {
  // given text that would clear the screen, ring, hide itself and turn writing around
  const std::string text =
      "a\x1b[2J\x07 b\xC2\x9B"
      "31m \xE2\x80\xAE"
      "c\x7F";
  // when / then
  EXPECT_EQ(Neutralise(text, Newlines::kKeep), "a␛[2J␇ b�31m �c␡");
}

TEST(Neutralise, BrokenUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(Neutralise("a\xC3", Newlines::kKeep), "a�");
  EXPECT_EQ(Neutralise("\xE2\x82", Newlines::kKeep), "��");
  EXPECT_EQ(Neutralise("\xC0\x9B", Newlines::kKeep), "��");         // an overlong escape
  EXPECT_EQ(Neutralise("\xED\xA0\x80!", Newlines::kKeep), "���!");  // a surrogate
  EXPECT_EQ(Neutralise("\xF5\x80\x80\x80", Newlines::kKeep), "����");
}

TEST(Neutralise, FlattensBlanksAndKeepsNewlinesWhenAsked) {
  EXPECT_EQ(Neutralise("  a\r\n\n b\t c \n", Newlines::kFlatten), "a b c");
  EXPECT_EQ(Neutralise("a\r\nb\tc", Newlines::kKeep), "a\nb    c");
  EXPECT_EQ(Neutralise("a\rb", Newlines::kKeep), "a␍b");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("中文"), 4);
  EXPECT_EQ(DisplayWidth("😀"), 2);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // e and a combining acute accent
}

TEST(Clip, CutsAtColumnsAndNeverInsideACharacter) {
  EXPECT_EQ(Clip("abcdef", 6), "abcdef");
  EXPECT_EQ(Clip("abcdef", 4), "abc…");
  EXPECT_EQ(Clip("中文字", 5), "中文…");
  EXPECT_EQ(Clip("中文字", 4), "中…");
  EXPECT_EQ(Clip("abc", 0), "");
  EXPECT_EQ(ClipStart("abcdef", 4), "…def");
  EXPECT_EQ(ClipStart("中文字", 4), "…字");
}

TEST(Pad, FillsToExactlyTheColumns) {
  EXPECT_EQ(PadRight("中", 4), "中  ");
  EXPECT_EQ(PadLeft("1.2 s", 8), "   1.2 s");
  EXPECT_EQ(PadRight("abcdef", 3), "ab…");
}

TEST(Wrap, BreaksAtBlanksAndCutsLongWords) {
  EXPECT_EQ(Wrap("the quick brown fox", 10), (std::vector<std::string>{"the quick", "brown fox"}));
  EXPECT_EQ(Wrap("abcdefgh", 3), (std::vector<std::string>{"abc", "def", "gh"}));
  EXPECT_EQ(Wrap("a\n\nb", 10), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(Wrap("中文字", 4), (std::vector<std::string>{"中文", "字"}));
}

}  // namespace
}  // namespace troupe::cli
