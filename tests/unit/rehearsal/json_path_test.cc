#include "router/rehearsal/json_path.h"

#include <gtest/gtest.h>

namespace troupe::rehearsal {
namespace {

const Value kValue = {{"parts", {{{"skill", "late"}, {"n", 1}}, {{"skill", "refund"}}}}, {"text", "hi"}};

// What the path leads to, as one list.
Value Found(const std::string& text) {
  const auto path = JsonPath::Parse(text);
  EXPECT_TRUE(path) << ToString(path.error());
  Value found = Value::array();
  if (path) {
    for (const Value* value : path->Find(kValue)) found.push_back(*value);
  }
  return found;
}

TEST(JsonPathTest, LeadsToFieldsAndPlaces) {
  EXPECT_EQ(Found("$.parts[0].skill"), Value::array({"late"}));
  EXPECT_EQ(Found("parts[1].skill"), Value::array({"refund"}));
  EXPECT_EQ(Found("text"), Value::array({"hi"}));
  EXPECT_EQ(Found("$"), Value::array({kValue}));
  EXPECT_EQ(Found(""), Value::array({kValue}));
}

TEST(JsonPathTest, EveryElementIsFoundInOrder) { EXPECT_EQ(Found("parts[*].skill"), Value::array({"late", "refund"})); }

TEST(JsonPathTest, WhatIsNotThereIsNotFound) {
  for (const char* path : {"parts[2]", "parts.skill", "text[0]", "nothing", "parts[*].nothing", "text.length"}) {
    EXPECT_EQ(Found(path), Value::array()) << path;
  }
}

TEST(JsonPathTest, WhatIsNoPathIsRefused) {
  for (const char* path : {"parts[", "parts[-1]", "parts[x]", "a..b", ".", "a b", "parts[0]x"}) {
    const auto parsed = JsonPath::Parse(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
  }
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  EXPECT_FALSE(JsonPath::Parse(deep));
}

}  // namespace
}  // namespace troupe::rehearsal
