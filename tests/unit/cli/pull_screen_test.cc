#include "router/cli/pull_screen.h"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

TEST(PullScreen, BytesAreInDecimalUnits) {
  EXPECT_EQ(FormatBytes(0), "0 bytes");
  EXPECT_EQ(FormatBytes(1), "1 byte");
  EXPECT_EQ(FormatBytes(999), "999 bytes");
  EXPECT_EQ(FormatBytes(1'000), "1.0 kB");
  EXPECT_EQ(FormatBytes(92'100'000), "92.1 MB");
  EXPECT_EQ(FormatBytes(999'600'000), "1.0 GB");
}

TEST(PullScreen, TheRateIsOfWhatCameSinceTheFirstLook) {
  TransferRate rate;
  // given 40 MB that an earlier pull left, nothing is known yet
  EXPECT_EQ(rate.Describe(40'000'000, 100'000'000, 5 * kSecondNs), "40.0 MB of 100 MB  40%");
  // when 20 MB come in two seconds
  EXPECT_EQ(rate.Describe(60'000'000, 100'000'000, 7 * kSecondNs), "60.0 MB of 100 MB  60%  10.0 MB/s  4.0 s left");
  // and where nobody says how much there is
  TransferRate unknown;
  (void)unknown.Describe(0, -1, 0);
  EXPECT_EQ(unknown.Describe(3'000'000, -1, kSecondNs), "3.0 MB  3.0 MB/s");
}

TEST(PullScreen, AServerThatBeginsAgainBeginsTheRateAgain) {
  TransferRate rate;
  (void)rate.Describe(50'000'000, 100'000'000, 0);
  EXPECT_EQ(rate.Describe(0, 100'000'000, kSecondNs), "0 bytes of 100 MB  0%");
  EXPECT_EQ(rate.Describe(1'000'000, 100'000'000, 2 * kSecondNs), "1.0 MB of 100 MB  1%  1.0 MB/s  1 min 39 s left");
}

}  // namespace
}  // namespace troupe::cli
