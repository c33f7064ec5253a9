// The whole command on classifiers of random weights that know letters.
#include "agents/tools/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/tools/distill.h"
#include "tests/unit/agents/tools/command_test.h"

namespace troupe::tools {
namespace {

using testing::HasSubstr;

class EvaluateTest : public CommandTest {
 protected:
  void SetUp() override {
    TinyModelTest::SetUp();
    std::string csv = "text,label\n";
    for (int i = 0; i < 40; ++i) {
      csv += std::string(i % 2 == 0 ? "a " : "b ") + std::string(1 + i % 5, static_cast<char>('d' + i % 19)) +
             std::string(1 + i / 19, 'w') + (i % 2 == 0 ? ",apple\n" : ",banana\n");
    }
    WriteAll(Path("texts.csv"), csv);
    const Status made = RunCommand<Distill>("distill", "DistillRecipe",
                                            "  model: " + Bert().string() +
                                                "\n  data: {train: texts.csv, heldOut: 0.2}\n  training: {epochs: 40, "
                                                "batch: 8, rate: 1e-2, dropout: 0}\n",
                                            "fruit");
    ASSERT_TRUE(made) << ToString(made.error());
  }

  // What it says where it cannot; what it printed is in printed_.
  std::string Run(const std::vector<std::string>& arguments) {
    CLI::App app;
    const Evaluate command(app);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    reversed.push_back("evaluate");
    app.parse(reversed);
    testing::internal::CaptureStdout();
    const Status done = command.Run();
    printed_ = testing::internal::GetCapturedStdout();
    return done ? "" : done.error().message;
  }

  std::string printed_;
};

TEST_F(EvaluateTest, ClassifiersAreComparedWithTheFirstOnLabelledTexts) {
  // given one that tells both labels apart, and itself in 16 bits
  const std::string fruit = Path("fruit").string();
  // when
  ASSERT_EQ(Run({fruit + ":fp32", fruit + ":bf16", "--labelled", Path("texts.csv").string(), "--price", "1", "--watts",
                 "50", "--threads", "1", "--out", Path("report").string()}),
            "");
  // then
  const Value report = *ParseValue(ReadAll(Path("report") / "report.json"));
  ASSERT_EQ(report["models"].size(), 2u);
  const Value &full = report["models"][0], &small = report["models"][1];
  EXPECT_GT(full["accuracy"], 0.9);
  EXPECT_EQ(full["retention"], 1);
  EXPECT_EQ(full["agreement"], 1);
  EXPECT_EQ(full["computes_in"], "fp32");
  EXPECT_EQ(small["computes_in"], "bf16");
  EXPECT_LT(small["weight_bytes"], full["weight_bytes"]);
  EXPECT_EQ(small["file_bytes"], full["file_bytes"]);
  EXPECT_GT(full["text_ms"], 0);
  EXPECT_NEAR(full["device_s_per_1000"].get<double>() * 50, full["joules_per_1000"].get<double>(), 1e-9);
  EXPECT_THAT(printed_, HasSubstr("| money for 1,000 |"));
  EXPECT_THAT(ReadAll(Path("report") / "report.md"), HasSubstr("chart.svg"));
  EXPECT_THAT(ReadAll(Path("report") / "chart.svg"), HasSubstr("milliseconds a text"));
}

TEST_F(EvaluateTest, WhatCannotBeComparedIsTold) {
  const std::string fruit = Path("fruit").string(), texts = Path("texts.csv").string();
  EXPECT_THAT(Run({fruit}), HasSubstr("needs --text"));
  EXPECT_THAT(Run({Bert().string(), "--labelled", texts}), HasSubstr("head"));
  EXPECT_THAT(Run({fruit + ":stored", "--labelled", texts}), HasSubstr("fp32, bf16, int8 or int4"));
  WriteAll(Path("other.csv"), "text,label\nc d,cherry\n");
  EXPECT_THAT(Run({fruit, "--labelled", Path("other.csv").string()}), HasSubstr("other.csv:2: the label \"cherry\""));
}

}  // namespace
}  // namespace troupe::tools
