#include "runtime/kind/type.h"

#include <gtest/gtest.h>

#include "runtime/kind/type_yaml.h"

namespace troupe::kind {
namespace {

Type TypeFrom(const std::string& yaml) {
  Findings findings;
  Type type = ReadField("value", ParseYaml(yaml, "t.yaml", findings), "t.yaml", findings).type;
  for (const auto& finding : findings.Take()) ADD_FAILURE() << ToString(finding);
  return type;
}

std::string Refusal(const Type& type, const Value& value) {
  auto result = Conform(type, value, "input");
  return result ? "accepted" : result.error().message;
}

const char* kOrder = R"(
fields:
  message: {type: string, maxLength: 5}
  count: {type: integer, min: 1, max: 3, default: 2}
  tags: {type: [string], optional: true}
  where: {type: string, enum: [here, there], optional: true}
)";

TEST(Type, IsWrittenInMessages) {
  EXPECT_EQ(ToString(TypeFrom("string")), "string");
  EXPECT_EQ(ToString(TypeFrom("[[number]]")), "[[number]]");
  EXPECT_EQ(ToString(TypeFrom("object")), "object");
  EXPECT_EQ(ToString(TypeFrom(kOrder)), "object {message: string, count: integer, tags: [string], where: string}");
}

TEST(Conform, FillsDefaultsAndLeavesTheRest) {
  auto value = Conform(TypeFrom(kOrder), {{"message", "hello"}, {"tags", {"a"}}}, "input");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(Dump(*value), R"({"count":2,"message":"hello","tags":["a"]})");
}

TEST(Conform, NamesTheFieldThatIsWrong) {
  const Type order = TypeFrom(kOrder);
  EXPECT_EQ(Refusal(order, {{"message", 3}}), "input.message: must be a string, got 3");
  EXPECT_EQ(Refusal(order, Value::object()), "input.message: is missing, must be string");
  EXPECT_EQ(Refusal(order, {{"message", nullptr}}), "input.message: is missing, must be string");
  EXPECT_EQ(Refusal(order, {{"mesage", "x"}}), "input.mesage: unknown field; did you mean 'message'?");
  EXPECT_EQ(Refusal(order, {{"message", "sixsix"}}), "input.message: must have at most 5 characters, got 6");
  EXPECT_EQ(Refusal(order, {{"message", "äöüßé"}}), "accepted") << "characters, not bytes";
  EXPECT_EQ(Refusal(order, {{"message", "x"}, {"count", 0}}), "input.count: must be at least 1, got 0");
  EXPECT_EQ(Refusal(order, {{"message", "x"}, {"count", 4}}), "input.count: must be at most 3, got 4");
  EXPECT_EQ(Refusal(order, {{"message", "x"}, {"count", 1.5}}), "input.count: must be an integer, got 1.5");
  EXPECT_EQ(Refusal(order, {{"message", "x"}, {"tags", {"a", 7}}}), "input.tags[1]: must be a string, got 7");
  EXPECT_EQ(Refusal(order, {{"message", "x"}, {"where", "hre"}}),
            "input.where: must be one of the allowed texts, got \"hre\"; did you mean 'here'?");
  EXPECT_EQ(Refusal(order, "x"), "input: must be an object, got \"x\"");
}

TEST(Conform, WholeNumbersMayBeWrittenWithAPoint) {
  auto value = Conform(TypeFrom("integer"), 3.0, "n");
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->is_number_integer());
  EXPECT_EQ(Refusal(TypeFrom("integer"), 1e300), "input: must be an integer, got 1e+300");
}

TEST(FromJsonSchema, GivesTypes) {
  auto type = FromJsonSchema(Value::parse(R"({"type": "object", "required": ["order"], "properties": {
      "order": {"type": "string", "maxLength": 9}, "kind": {"enum": ["a", "b"]}, "n": {"type": ["integer", "null"]},
      "list": {"type": "array", "items": {"type": "number"}}}})"));
  ASSERT_TRUE(type) << type.error().message;
  EXPECT_EQ(ToString(*type), "object {kind: string, list: [number], n: integer, order: string}");
  EXPECT_TRUE(type->Find("order")->required);
  EXPECT_EQ(type->Find("order")->type.max_length, 9);
  EXPECT_FALSE(type->Find("n")->required);
  EXPECT_TRUE(type->Find("n")->type.nullable);
  EXPECT_EQ(type->Find("kind")->type.choices.size(), 2u);
}

TEST(FromJsonSchema, RefusesWhatIsNoSchema) {
  auto why = [](const char* schema) { return FromJsonSchema(Value::parse(schema)).error().message; };
  EXPECT_EQ(why(R"({"type": "strong"})"), "unknown type 'strong'");
  EXPECT_EQ(why("[]"), "must be a JSON object");
  EXPECT_EQ(why(R"({"properties": {"a": {}}, "required": ["b"]})"),
            "'required' names 'b', which is not among 'properties'");
  std::string deep = "{\"type\": \"string\"}";
  for (int i = 0; i < 60; ++i) deep = R"({"type": "array", "items": )" + deep + "}";
  EXPECT_EQ(why(deep.c_str()), "nested deeper than 32 levels");
}

}  // namespace
}  // namespace troupe::kind
