#include "router/content/http/conditions.h"

#include <gtest/gtest.h>

namespace troupe::content::http {
namespace {

constexpr Encodings kBoth{.gzip = true, .brotli = true};

TEST(Encoding, IsTheBestThatTheClientTakes) {
  EXPECT_EQ(ChooseEncoding("", kBoth), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("gzip, deflate, br", kBoth), Encoding::kBrotli);
  EXPECT_EQ(ChooseEncoding("gzip, deflate, br", {.gzip = true}), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("GZIP", kBoth), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("br;q=0.5, gzip", kBoth), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("br;q=0, gzip;q=0", kBoth), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("*", kBoth), Encoding::kBrotli);
  EXPECT_EQ(ChooseEncoding("*;q=0.1, br;q=0", kBoth), Encoding::kGzip);
  EXPECT_EQ(ChooseEncoding("br;q=nan, gzip;q=-1, ;;,,q=1", kBoth), Encoding::kIdentity);
  EXPECT_EQ(ChooseEncoding("gzip", {}), Encoding::kIdentity);
}

TEST(IfNoneMatch, NamesTheTagInListsAndWeakly) {
  EXPECT_TRUE(NamesTag("\"a\"", "\"a\""));
  EXPECT_TRUE(NamesTag("\"x\" , W/\"a\",\"y\"", "\"a\""));
  EXPECT_TRUE(NamesTag("*", "\"a\""));
  EXPECT_FALSE(NamesTag("\"a-gz\"", "\"a\""));
  EXPECT_FALSE(NamesTag("a", "\"a\""));
  EXPECT_FALSE(NamesTag("", "\"a\""));
}

std::string Shown(std::string_view range, size_t size) {
  const RangeWish wish = ReadRange(range, size);
  if (wish.state == RangeState::kWhole) return "whole";
  if (wish.state == RangeState::kUnsatisfiable) return "416";
  return std::to_string(wish.range.first) + "+" + std::to_string(wish.range.size);
}

TEST(Range, IsOnePartOrAllOrNothing) {
  EXPECT_EQ(Shown("bytes=0-9", 100), "0+10");
  EXPECT_EQ(Shown("bytes=90-", 100), "90+10");
  EXPECT_EQ(Shown("bytes=90-1000", 100), "90+10");
  EXPECT_EQ(Shown("bytes=-10", 100), "90+10");
  EXPECT_EQ(Shown("bytes=-1000", 100), "0+100");
  EXPECT_EQ(Shown("bytes=99-99", 100), "99+1");
  EXPECT_EQ(Shown("bytes=100-", 100), "416");
  EXPECT_EQ(Shown("bytes=-0", 100), "416");
  EXPECT_EQ(Shown("bytes=0-0", 0), "416");
  for (const char* odd : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "items=0-1",
                          "bytes=1--2", "bytes=99999999999999999999999-", "bytes=+1-2", "bytes=0x1-2"}) {
    EXPECT_EQ(Shown(odd, 100), "whole") << odd;
  }
}

}  // namespace
}  // namespace troupe::content::http
