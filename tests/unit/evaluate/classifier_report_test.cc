#include "runtime/evaluate/classifier_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::evaluate {
namespace {

using testing::HasSubstr;
using testing::Not;

ClassifierReport Two() {
  ClassifierReport report{.machine = "2 threads", .texts = "test.csv, 200"};
  report.rows.push_back({"teacher", "fp32", 22'700'000, 90'000'000, 91'000'000, 0.9, 1, 0.02, 4, 500});
  report.rows.push_back({"student", "int8", 14'100'000, 56'000'000, 15'000'000, 0.855, 0.93, 0.04, 1, 2000});
  return report;
}

TEST(ClassifierReport, SaysWhatIsKeptOfTheFirst) {
  const ClassifierReport report = Two();
  EXPECT_NEAR(report.Retention(report.rows[1]), 0.95, 1e-12);
  EXPECT_THAT(Markdown(report),
              HasSubstr("| student | int8 | 14.1 million | 56.0 | 15.0 | 85.50 % | 95.00 % | 93.00 % | 0.040 | 1.00 | "
                        "2000 | 0.50 |\n"));
  const Value row = Json(report)["models"][1];
  EXPECT_NEAR(row["retention"].get<double>(), 0.95, 1e-12);
  EXPECT_EQ(row["device_s_per_1000"], 0.5);
  EXPECT_FALSE(row.contains("money_per_1000"));
}

TEST(ClassifierReport, EnergyAndMoneyFollowFromTheDevicesTime) {
  ClassifierReport report = Two();
  report.cost = {.watts = 60, .price_per_hour = 7.2};
  EXPECT_THAT(Markdown(report), HasSubstr("| 0.50 | 30.0 | 0.001000 |"));
  EXPECT_EQ(Json(report)["models"][1]["joules_per_1000"], 30);
}

TEST(ClassifierReport, WithoutSpeedItIsDrawnOverSize) {
  ClassifierReport report = Two();
  EXPECT_THAT(Chart(report), HasSubstr("milliseconds a text"));
  for (ClassifierRow& row : report.rows) row.text_ms = row.texts_s = 0;
  EXPECT_THAT(Chart(report), HasSubstr("megabytes"));
  EXPECT_THAT(Markdown(report), Not(HasSubstr("texts/s")));
  EXPECT_THAT(Markdown(report), Not(HasSubstr("inf")));
}

TEST(ClassifierReport, AFirstOneThatIsNeverRightLeavesNothingToKeep) {
  ClassifierReport report = Two();
  report.rows[0].accuracy = 0;
  EXPECT_EQ(report.Retention(report.rows[1]), 0);
}

}  // namespace
}  // namespace troupe::evaluate
