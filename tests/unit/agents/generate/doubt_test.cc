#include "agents/generate/doubt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace troupe::generate {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const Doubt> Read(const Value& config) {
  auto doubt = Doubt::Read(config);
  EXPECT_TRUE(doubt) << ToString(doubt.error());
  return doubt ? *doubt : nullptr;
}

TEST(Doubt, NobodyIsAskedWithoutAPeer) { EXPECT_EQ(Read(Value::object()), nullptr); }

TEST(Doubt, IsTheMeanOfTheDraftsProbabilities) {
  const auto doubt = Read({{"askPeer", "expert"}, {"askBelow", 0.5}});
  const float half = std::log(0.5f);
  EXPECT_FALSE(doubt->IsUnsure({}));
  EXPECT_FALSE(doubt->IsUnsure(std::vector<float>{half + 0.01f, half + 0.01f}));
  EXPECT_TRUE(doubt->IsUnsure(std::vector<float>{half - 0.01f, half - 0.01f}));
  EXPECT_FALSE(doubt->IsUnsure(std::vector<float>{std::log(0.3f), std::log(0.9f)})) << "0.52 in the geometric mean";
  EXPECT_TRUE(doubt->IsUnsure(std::vector<float>{std::log(0.2f), std::log(0.9f)})) << "0.42";
}

TEST(Doubt, QuestionAndSecondPromptAreTemplates) {
  const auto doubt =
      Read({{"askPeer", "expert"},
            {"askInput", {{"query", "{{ prompt }} ({{ draft }})"}, {"k", 1}, {"tags", {"{{ draft | upper }}"}}}},
            {"askAgain", "{{ answer.passages[0].text }} / {{ prompt }} / {{ draft }}"}});
  EXPECT_EQ(*doubt->Question("p", "d"), Value({{"query", "p (d)"}, {"k", 1}, {"tags", {"D"}}}));
  EXPECT_EQ(*doubt->Prompt("p", "d", {{"passages", {{{"text", "t"}}}}}), "t / p / d");
  EXPECT_THAT(doubt->Prompt("p", "d", {{"passages", Value::array()}}).error().message, HasSubstr("askAgain"));
}

TEST(Doubt, LeftOutTheyGiveThePromptAndPutTheAnswerBeforeIt) {
  const auto doubt = Read({{"askPeer", "expert"}});
  EXPECT_EQ(*doubt->Question("p", "d"), Value({{"prompt", "p"}}));
  EXPECT_EQ(*doubt->Prompt("p", "d", {{"text", "t"}}), "t\n\np");
  EXPECT_EQ(doubt->draft_tokens(), 16);
}

TEST(Doubt, WrongTemplatesAreRefusedAtStart) {
  for (const Value& config :
       {Value{{"askPeer", "x"}, {"askAgain", "{{ "}}, Value{{"askPeer", "x"}, {"askInput", {{"a", "{{ "}}}},
        Value{{"askPeer", "x"}, {"askInput", {{"a", "{{ answer }}"}}}}}) {
    const auto doubt = Doubt::Read(config);
    ASSERT_FALSE(doubt) << Dump(config);
    EXPECT_EQ(doubt.error().code, Code::kInvalidArgument);
    EXPECT_THAT(doubt.error().message, HasSubstr("ask"));
  }
}

}  // namespace
}  // namespace troupe::generate
