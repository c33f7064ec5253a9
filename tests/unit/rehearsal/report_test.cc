#include "router/rehearsal/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::rehearsal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = CaseResult::Outcome;

SuiteResult Result() {
  SuiteResult result;
  result.file = "shop.test.yaml";
  result.graph = "shop";
  CaseResult& good = result.cases.emplace_back();
  good.name = "good";
  good.position = {"shop.test.yaml", 6, 5};
  good.time_ms = 1'042;
  good.calls = 3;
  good.tokens = 1;
  CaseResult& bad = result.cases.emplace_back();
  bad.name = "bad <&\">";
  bad.position = {"shop.test.yaml", 9, 5};
  bad.outcome = Outcome::kFailed;
  bad.differences = {{"output text", "a\nb", "c\x01", {"shop.test.yaml", 12, 7}}};
  CaseResult& left = result.cases.emplace_back();
  left.name = "left";
  left.outcome = Outcome::kSkipped;
  left.note = "needs real agents";
  return result;
}

TEST(ReportTest, AFailedCaseSaysWhatWasExpectedAndWhatCame) {
  const SuiteResult result = Result();
  EXPECT_THAT(RenderCase(result.cases[0]), ElementsAre("ok    good (1.042 s, 3 calls, 1 token)"));
  EXPECT_THAT(RenderCase(result.cases[1]),
              ElementsAre("FAIL  bad <&\"> (0.000 s, 0 calls, 0 tokens)", "      shop.test.yaml:12:7: output text",
                          "        expected: a", "                  b", "        got:      c\x01"));
  EXPECT_THAT(RenderCase(result.cases[2]), ElementsAre("skip  left (needs real agents)"));
  EXPECT_EQ(RenderSummary(result), "3 cases: 1 passed, 1 failed, 1 skipped");
}

TEST(ReportTest, JunitIsXmlThatCiSystemsRead) {
  const std::string xml = ToJunit(Result());
  EXPECT_THAT(
      xml, HasSubstr("<testsuite name=\"shop\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"1.042\">"));
  EXPECT_THAT(xml, HasSubstr("name=\"bad &lt;&amp;&quot;&gt;\" file=\"shop.test.yaml\" line=\"9\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"output text\">"));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"needs real agents\"/>"));
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
}

TEST(ReportTest, JsonHasEveryDifference) {
  const Value json = ToJson(Result());
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["skipped"], 1);
  EXPECT_EQ(json["cases"][1]["outcome"], "failed");
  EXPECT_EQ(json["cases"][1]["differences"][0]["got"], "c\x01");
  EXPECT_EQ(json["cases"][1]["differences"][0]["line"], 12);
}

}  // namespace
}  // namespace troupe::rehearsal
