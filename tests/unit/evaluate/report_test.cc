#include "runtime/evaluate/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::evaluate {
namespace {

using ::testing::HasSubstr;

Report Two() {
  Report report{"2 threads", "manual.md", "", {}};
  report.rows.push_back({"full", "fp32", 400'000'000, 500'000'000, {100, 3, 20, 1, 0}, Speed{{10, 20, 40}, 100}, {}});
  report.rows.push_back(
      {"small<4>", "int4", 80'000'000, 90'000'000, {100, 3, 21, 0.9, 0.05}, Speed{{50, 80, 100}, 90}, {}});
  return report;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Report, SaysLossAgainstTheFirst) {
  const Report report = Two();
  EXPECT_NEAR(report.PerplexityLoss(report.rows[1]), 0.05, 1e-12);
  const std::string text = Markdown(report);
  EXPECT_THAT(text, HasSubstr("| small<4> | int4 | 80.0 | 90.0 | 21.000 | +5.00 % | 90.00 % | 0.0500 | 50.0 | 80.0 | "
                              "100.0 | 90 | 10.00 |\n"));
  const Value json = Json(report);
  EXPECT_NEAR(json["models"][1]["perplexity_loss"].get<double>(), 0.05, 1e-12);
  EXPECT_EQ(json["models"][1]["tokens_s_by_batch"]["16"], 100.0);
  EXPECT_FALSE(json["models"][1].contains("task_accuracy"));
}

TEST(Report, EnergyAndMoneyFollowFromTheDevicesTime) {
  // given 100 tokens a second
  Report report = Two();
  report.cost = {.watts = 20, .price_per_hour = 3.6};
  // then 1,000 take 10 s: 200 J, and a million 1,000 times a hundredth
  EXPECT_THAT(Markdown(report), HasSubstr("| 10.00 | 200.0 | 10.0000 |"));
  const Value row = Json(report)["models"][1];
  EXPECT_EQ(row["device_s_per_1000_tokens"], 10);
  EXPECT_EQ(row["joules_per_1000_tokens"], 200);
  EXPECT_NEAR(row["money_per_1000000_tokens"].get<double>(), 10, 1e-9);
  EXPECT_FALSE(Json(Two())["models"][1].contains("joules_per_1000_tokens"));
}

TEST(Report, ColumnsThatNobodyMeasuredAreLeftOut) {
  Report report = Two();
  for (Row& row : report.rows) row.speed.reset();
  report.rows[1].accuracy = 0.5;
  EXPECT_EQ(Markdown(report).find("tokens/s"), std::string::npos);
  EXPECT_THAT(Markdown(report), HasSubstr("| 50.0 % |"));
  EXPECT_THAT(Chart(report), HasSubstr("megabytes"));
}

TEST(Report, TheChartHasAPointForEachModelInsideIt) {
  const std::string chart = Chart(Two());
  EXPECT_EQ(Count(chart, "<circle"), 2u);
  EXPECT_THAT(chart, HasSubstr("small&lt;4>"));
  EXPECT_THAT(chart, HasSubstr("milliseconds"));
  EXPECT_EQ(chart.find("nan"), std::string::npos);
  EXPECT_EQ(chart.find("inf"), std::string::npos);
  Report one = Two();
  one.rows.pop_back();
  EXPECT_EQ(Chart(one).find("nan"), std::string::npos);
}

}  // namespace
}  // namespace troupe::evaluate
