#include "router/graph/price.h"

#include <gtest/gtest.h>

namespace troupe::graph {
namespace {

TEST(Price, DecimalNumbersAreWholeMillionths) {
  EXPECT_EQ(ParseMicros("0.25"), 250'000);
  EXPECT_EQ(ParseMicros("3"), 3'000'000);
  EXPECT_EQ(ParseMicros("0.000001"), 1);
  EXPECT_EQ(ParseMicros("1000000000"), 1'000'000'000'000'000);
  for (const char* wrong :
       {"", ".", ".5", "5.", "-1", "1e3", "0.0000001", "1000000001", "99999999999999999999", "1.2.3", "a"}) {
    EXPECT_EQ(ParseMicros(wrong), std::nullopt) << wrong;
  }
}

TEST(Price, AndBack) {
  for (const char* text : {"0.25", "3", "0.000001", "12.5", "0"}) EXPECT_EQ(FormatMicros(*ParseMicros(text)), text);
}

TEST(Price, CostsAreRoundedUpAndDoNotOverflow) {
  EXPECT_EQ(CostOf({.token = 2, .device_second = 300}, 10, 1'000'000), 320);
  EXPECT_EQ(CostOf({.device_second = 1}, 0, 1), 1);
  EXPECT_EQ(CostOf({}, 1000, 1000), 0);
  EXPECT_GT(CostOf({.token = 1'000'000'000'000'000, .device_second = 1'000'000'000'000'000}, 1'000'000'000,
                   1'000'000'000'000),
            0);
}

}  // namespace
}  // namespace troupe::graph
