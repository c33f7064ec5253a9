#include "router/decompose/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace troupe::decompose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<PlanSkill> kSkills = {{"billing", {"I was charged twice", "my bill is wrong"}},
                                        {"returns", {"I want to return shoes"}}};

Value Piece(const std::string& skill, const std::string& text) { return {{"skill", skill}, {"text", text}}; }

std::vector<std::string> Read(const std::string& message, const Value& plan, const PlanOptions& options = {}) {
  std::vector<std::string> parts;
  for (const Part& part : ReadPlan(message, plan, options)) parts.push_back(part.skill + ": " + part.text);
  return parts;
}

TEST(Plan, AsksWithAWorkedExampleThatLooksLikeTheAnswer) {
  const Value prompt = PlanPrompt("hello", kSkills);
  ASSERT_EQ(prompt.size(), 4u);
  EXPECT_THAT(prompt[0]["content"].get<std::string>(), HasSubstr("\n- billing: I was charged twice"));
  EXPECT_EQ(prompt[1]["content"], "my bill is wrong and also I want to return shoes");
  EXPECT_EQ(
      prompt[2]["content"],
      R"([{"skill": "billing", "text": "my bill is wrong"}, {"skill": "returns", "text": "I want to return shoes"}])");
  EXPECT_EQ(prompt[3], Value({{"role", "user"}, {"content", "hello"}}));
}

TEST(Plan, ASchemaAllowsTheSkillsAndTheDefaultAndCopiesText) {
  const Value schema = PlanSchema(kSkills, {.max_parts = 3});
  EXPECT_EQ(schema["maxItems"], 3);
  EXPECT_EQ(schema["items"]["properties"]["skill"]["enum"], Value({"billing", "other", "returns"}));
  EXPECT_EQ(schema["items"]["properties"]["text"]["x-copy"], true);
}

TEST(Plan, PartsAreInTheOrderOfTheMessage) {
  EXPECT_THAT(Read("My bill is wrong. And also I return shoes.",
                   {Piece("returns", "I return shoes"), Piece("billing", "My bill is wrong")}),
              ElementsAre("billing: My bill is wrong.", "returns: I return shoes."));
}

TEST(Plan, WhatThePlanLeavesOutGoesToTheDefault) {
  EXPECT_THAT(
      Read("Hello there. My bill is wrong, where is my hat?", Value::array({Piece("billing", "My bill is wrong")})),
      ElementsAre("other: Hello there.", "billing: My bill is wrong,", "other: where is my hat?"));
  EXPECT_THAT(Read("where is my hat", Value::array()), ElementsAre("other: where is my hat"));
}

TEST(Plan, WhatIsNotInTheMessageOrComesTwiceIsLeftOut) {
  EXPECT_THAT(Read("my bill is wrong", {Piece("returns", "my hat"),
                                        Piece("billing", "my bill is wrong"),
                                        Piece("returns", "bill is"),
                                        Value(3),
                                        {{"skill", "x"}},
                                        Piece("x", " ")}),
              ElementsAre("billing: my bill is wrong"));
  EXPECT_THAT(Read("hat and hat", {Piece("a", "hat"), Piece("b", "hat"), Piece("c", "hat")}),
              ElementsAre("a: hat", "b: hat"));
  EXPECT_THAT(Read("my bill", Value("no list")), ElementsAre("other: my bill"));
}

TEST(Plan, WhatIsBeyondTheMaxIsJoinedToTheLastPart) {
  EXPECT_THAT(Read("one two three", {Piece("a", "one"), Piece("b", "two"), Piece("c", "three")}, {.max_parts = 2}),
              ElementsAre("a: one", "b: two three"));
}

TEST(Plan, BlankMessagesHaveNoParts) {
  EXPECT_THAT(Read("", Value::array({Piece("a", "x")})), IsEmpty());
  EXPECT_THAT(Read(" \n", Value::array()), IsEmpty());
}

TEST(Plan, PartsTileEveryMessageWhateverThePlan) {
  constexpr const char* kWords[] = {"bill ", "shoes", " and ", "also ", ". ", ", ", "é", "- ", "hat\n", "? "};
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string message;
    for (size_t i = random() % 12; i > 0; --i) message += kWords[random() % std::size(kWords)];
    Value plan = Value::array();
    for (size_t i = random() % 6; i > 0; --i) {
      const size_t begin = message.empty() ? 0 : random() % message.size();
      plan.push_back(Piece(random() % 2 == 0 ? "a" : "other", message.substr(begin, 1 + random() % 9)));
    }
    const PlanOptions options{.max_parts = 1 + static_cast<int>(random() % 4)};
    const std::vector<Part> parts = ReadPlan(message, plan, options);
    EXPECT_LE(parts.size(), static_cast<size_t>(options.max_parts));
    size_t at = 0;
    for (const Part& part : parts) {
      EXPECT_EQ(part.begin, at);
      EXPECT_LT(part.begin, part.end);
      EXPECT_NE(message.find(part.text), std::string::npos);
      at = part.end;
    }
    EXPECT_EQ(at, parts.empty() ? 0 : message.size());
    const bool asks = message.find("bill") != message.npos || message.find("shoes") != message.npos;
    EXPECT_FALSE(asks && parts.empty());
  }
}

}  // namespace
}  // namespace troupe::decompose
