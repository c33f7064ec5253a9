#include "runtime/evaluate/speed.h"

#include <gtest/gtest.h>

#include "runtime/evaluate/subject.h"
#include "tests/unit/evaluate/scripted_decoder.h"

namespace troupe::evaluate {
namespace {

TEST(Speed, RunsEveryBatchAndCountsItsTokens) {
  ScriptedDecoder model(20, [](int32_t, std::span<float>) {});
  const SpeedOptions options{.prompt = 20, .context = 8, .steps = 5, .prompts = 2};
  const auto speed = MeasureSpeed(model, options);
  ASSERT_TRUE(speed) << ToString(speed.error());
  EXPECT_EQ(model.steps, 1 + 2 + 3 * (1 + 5));
  EXPECT_EQ(model.largest_batch, 16u);
  for (const double tokens_s : speed->tokens_s) EXPECT_GT(tokens_s, 0);
  EXPECT_GT(speed->first_token_ms, 0);
  EXPECT_EQ(SpeedPages(options), 16);
  EXPECT_EQ(SpeedPages({.prompt = 640, .context = 8, .steps = 5}), 40);
}

TEST(Subject, OnlyAFormatIsCutOffAName) {
  EXPECT_EQ(SplitName("a/b.gguf:int4"), (std::pair<std::string, std::string>("a/b.gguf", "int4")));
  EXPECT_EQ(SplitName("a:b.gguf"), (std::pair<std::string, std::string>("a:b.gguf", "")));
  EXPECT_EQ(SplitName("a:b:aten"), (std::pair<std::string, std::string>("a:b", "aten")));
  EXPECT_EQ(SplitName("plain"), (std::pair<std::string, std::string>("plain", "")));
}

}  // namespace
}  // namespace troupe::evaluate
