#include "agents/extract/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::extract {
namespace {

using ::testing::HasSubstr;

const Value kSchema = {
    {"type", "object"},
    {"properties",
     {{"date", {{"type", "string"}}}, {"order", {{"type", "string"}, {"description", "the order number"}}}}}};

TEST(PromptTest, InstructionsNameTheFieldsAndWhatTheyMean) {
  // when
  const std::string text = InstructionsFrom(kSchema);
  // then
  EXPECT_THAT(text, HasSubstr("date, order (the order number)"));
}

TEST(PromptTest, ExamplesLookAsTheAnswerMustLook) {
  // given: YAML as a graph's file has it; "colour" is no field of the schema
  const Value yaml = "- {text: 'order 7, today', output: {order: '7', colour: red, date: today}}";
  // when
  const auto examples = ReadExamples(yaml, kSchema);
  // then: the schema's fields first, spaced as the grammar writes them
  ASSERT_TRUE(examples) << ToString(examples.error());
  EXPECT_EQ(examples->at(0).output, R"({"date": "today", "order": "7", "colour": "red"})");
}

TEST(PromptTest, WrongExamplesAreRefusedNamingThem) {
  for (const auto& [given, named] : {std::pair<Value, std::string>{"a: [", "examples"},
                                     {3, "examples: must be a list"},
                                     {Value::array({{{"text", "a"}, {"output", 1}}}), "examples[0]"}}) {
    // when
    const auto examples = ReadExamples(given, kSchema);
    // then
    ASSERT_FALSE(examples);
    EXPECT_EQ(examples.error().code, Code::kInvalidArgument);
    EXPECT_THAT(examples.error().message, HasSubstr(named));
  }
  EXPECT_TRUE(ReadExamples(Value(), kSchema)->empty());
}

TEST(PromptTest, AConversationShowsExamplesAsTurnsThenTheText) {
  // when
  const auto messages = Conversation("fill in", {{"order 7", "{}"}}, "the text");
  // then
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].role, "system");
  EXPECT_EQ(messages[1].content, "order 7");
  EXPECT_EQ(messages[2].role, "assistant");
  EXPECT_EQ(messages[2].content, "{}");
  EXPECT_EQ(messages[3].role, "user");
  EXPECT_EQ(messages[3].content, "the text");
}

}  // namespace
}  // namespace troupe::extract
