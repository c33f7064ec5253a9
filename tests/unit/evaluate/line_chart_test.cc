#include "runtime/evaluate/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::evaluate {
namespace {

TEST(LineChart, EachLineIsDrawnAndNamed) {
  // given a long line and a short one
  ChartLine falling{.name = "training"};
  for (int i = 1; i <= 10000; ++i) falling.points.emplace_back(i, 5000.0 / (5000 + i));
  const ChartLine held_out{"held <out>", {{5000, 0.5}, {10000, 0.4}}};
  const std::string chart = LineChart({falling, held_out}, "step", "loss");
  // then both are there, and the long one is no longer than the drawing needs
  EXPECT_THAT(chart, testing::HasSubstr(">training</text>"));
  EXPECT_THAT(chart, testing::HasSubstr(">held &lt;out></text>"));
  EXPECT_LT(std::count(chart.begin(), chart.end(), ','), 300);
  EXPECT_THAT(chart, testing::EndsWith("</svg>\n"));
}

TEST(LineChart, NothingToDrawIsNoDivisionByNothing) {
  for (const auto& lines : {std::vector<ChartLine>{}, {{"empty", {}}}, {{"flat", {{1, 0}}}}}) {
    const std::string chart = LineChart(lines, "step", "loss");
    EXPECT_EQ(chart.find("nan"), std::string::npos);
    EXPECT_EQ(chart.find("inf"), std::string::npos);
  }
}

}  // namespace
}  // namespace troupe::evaluate
