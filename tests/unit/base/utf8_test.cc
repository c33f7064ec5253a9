#include "runtime/base/utf8.h"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(Utf8, ReadsWhatItWritesForEveryLength) {
  for (const char32_t point : {0x01, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
    // given
    std::string text = "a";
    AppendUtf8(point, text);
    // when
    size_t at = 1;
    const char32_t read = NextCodePoint(text, at);
    // then
    EXPECT_EQ(read, point) << CodePointName(point);
    EXPECT_EQ(at, text.size());
    EXPECT_EQ(CountCodePoints(text), 2u);
  }
}

TEST(Utf8, StaysWhereThereIsNone) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view bad :
       {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xed\xa0\x80"sv,
        "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xe2\x82"sv, "\xe2\x82g"sv, ""sv}) {
    size_t at = 0;
    EXPECT_EQ(NextCodePoint(bad, at), kBadUtf8) << bad;
    EXPECT_EQ(at, 0u) << bad;
  }
}

TEST(Utf8, NamesCodePointsAsUnicodeDoes) {
  EXPECT_EQ(CodePointName(0xad), "U+00AD");
  EXPECT_EQ(CodePointName(0xe0001), "U+E0001");
}

}  // namespace
}  // namespace troupe
