#include "runtime/base/memory_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMib = int64_t{1} << 20;

std::string ErrorOf(std::string_view text) {
  const auto share = ParseMemoryShare(text);
  if (share) return "was read as " + ToString(*share);
  EXPECT_EQ(share.error().code, Code::kInvalidArgument);
  return share.error().message;
}

TEST(MemoryShare, IsReadAsBytesOrPercent) {
  EXPECT_EQ(*ParseMemoryShare("6GiB"), (MemoryShare{.bytes = 6144 * kMib}));
  EXPECT_EQ(*ParseMemoryShare("1.5 GiB"), (MemoryShare{.bytes = 1536 * kMib}));
  EXPECT_EQ(*ParseMemoryShare("2TiB"), (MemoryShare{.bytes = (2048 * kMib) << 10}));
  EXPECT_EQ(*ParseMemoryShare("1%"), (MemoryShare{.percent = 1}));
  EXPECT_EQ(*ParseMemoryShare("100%"), (MemoryShare{.percent = 100}));
}

TEST(MemoryShare, WhatIsWrongIsRefusedWithWhatWasMeant) {
  EXPECT_EQ(ErrorOf("6GB"),
            "must be an amount of memory such as 6GiB, or a share of the card such as 40%, got '6GB'; did you mean "
            "'6GiB'?");
  EXPECT_THAT(ErrorOf("512mi"), HasSubstr("did you mean '512MiB'?"));
  EXPECT_THAT(ErrorOf("6"), HasSubstr("say MiB, GiB, TiB or %"));
  EXPECT_THAT(ErrorOf("6 parsecs"), HasSubstr("units are MiB, GiB, TiB and %"));
  for (const char* text : {"0%", "101%", "40.5%", "99999999999999999999%"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("whole, from 1% to 100%")) << text;
  }
  for (const char* text : {"0GiB", "0.5MiB", "1025TiB"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("from 1MiB to 1024TiB")) << text;
  }
  for (const char* text : {"", "GiB", "-1GiB", "1.2.3GiB", "1e3GiB", "nan%", " 6GiB", "6  GiB", "."}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("must be")) << text;
  }
}

TEST(MemoryShare, AsBytesItIsAnAmountOrNothing) {
  EXPECT_EQ(*ParseMemoryBytes("256MiB"), 256 * kMib);
  EXPECT_EQ(*ParseMemoryBytes("0"), 0);
  for (const char* text : {"40%", "", "6GB", "0MiB", "-1"}) {
    EXPECT_THAT(ParseMemoryBytes(text).error().message, HasSubstr("must be 0 or an amount of memory")) << text;
  }
}

TEST(MemoryShare, IsWrittenAsItIsRead) {
  for (const char* text : {"6GiB", "1536MiB", "40%"}) EXPECT_EQ(ToString(*ParseMemoryShare(text)), text);
  EXPECT_EQ(ToString(MemoryShare()), "");
  EXPECT_EQ(MemoryText(6144 * kMib), "6.0 GiB");
  EXPECT_EQ(MemoryText(kMib + 1), "2 MiB");
}

TEST(MemoryShare, PercentIsOfAllThatTheDeviceHasAndHundredIsAllOfIt) {
  EXPECT_EQ(BytesOf({.bytes = 7}, 100), 7);
  EXPECT_EQ(BytesOf({}, 100), 0);
  // as large as a card's memory is, and no multiple of a hundred
  constexpr int64_t kTotal = 84'987'740'161;
  EXPECT_EQ(BytesOf({.percent = 100}, kTotal), kTotal);
  EXPECT_LE(BytesOf({.percent = 40}, kTotal) + BytesOf({.percent = 60}, kTotal), kTotal);
  EXPECT_EQ(BytesOf({.percent = 40}, kTotal), 33'995'096'064);
}

}  // namespace
}  // namespace troupe
