#include "router/cli/format.h"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

TEST(FormatDuration, GrowsItsUnitWithItsSize) {
  EXPECT_EQ(FormatDuration(-5), "0 ms");
  EXPECT_EQ(FormatDuration(99), "99 ms");
  EXPECT_EQ(FormatDuration(412), "0.4 s");
  EXPECT_EQ(FormatDuration(59'900), "59.9 s");
  EXPECT_EQ(FormatDuration(59'990), "1 min 00 s");
  EXPECT_EQ(FormatDuration(125'000), "2 min 05 s");
  EXPECT_EQ(FormatDuration(12'000'000), "3 h 20 min");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1204), "1,204");
  EXPECT_EQ(FormatCount(-1'234'567), "-1,234,567");
}

TEST(FormatAge, SaysHowLongAgo) {
  EXPECT_EQ(FormatAge(1000, 1500), "now");
  EXPECT_EQ(FormatAge(0, 12'000), "12 s ago");
  EXPECT_EQ(FormatAge(0, 3 * 86'400'000LL), "3 d ago");
  EXPECT_EQ(FormatAge(5000, 0), "now");  // clocks that disagree
}

TEST(FormatTime, IsUtc) { EXPECT_EQ(FormatTime(1'700'000'000'000), "2023-11-14 22:13:20 UTC"); }

}  // namespace
}  // namespace troupe::cli
