#include "runtime/text/grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/text/sampler.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::text {
namespace {

using testing::HasSubstr;

class GrammarTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    tokenizer_ = TinyTokenizer();
    TokenId ends[] = {kTinyEnd};
    env_ = *GrammarEnv::Make(tokenizer_, ends, 300);
  }

  static std::shared_ptr<const Grammar> Json(const char* schema, const JsonOptions& options = {}) {
    auto grammar = Grammar::FromJsonSchema(*ParseValue(schema), env_, options);
    EXPECT_TRUE(grammar) << schema << ": " << grammar.error().message;
    return grammar ? *grammar : nullptr;
  }

  // True where the grammar lets this text stand, whole.
  static bool Fits(const Grammar& grammar, const std::string& text) {
    auto matcher = *grammar.NewMatcher();
    for (char c : text) {
      if (!matcher->Accept(static_cast<uint8_t>(c))) return false;
    }
    return matcher->IsComplete();
  }

  // Samples texts; every one that ended is JSON and is handed to `check`.
  static void SampleJson(const Grammar& grammar, const std::function<void(const Value&)>& check, int texts = 60) {
    int ended = 0;
    for (int seed = 0; seed < texts; ++seed) {
      SCOPED_TRACE(seed);
      SampleResult sample = SampleText(grammar, *tokenizer_, kTinyEnd, static_cast<uint32_t>(seed));
      if (!sample.ended) continue;
      ++ended;
      auto value = ParseValue(sample.text);
      ASSERT_TRUE(value) << sample.text << ": " << value.error().message;
      check(*value);
    }
    EXPECT_GT(ended, texts / 2);
  }

  static inline std::shared_ptr<const Tokenizer> tokenizer_;
  static inline std::shared_ptr<const GrammarEnv> env_;
};

TEST_F(GrammarTest, SampledJsonAlwaysFitsItsSchema) {
  auto object = Json(R"({"type": "object", "properties": {
      "name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
      "kind": {"enum": ["a", "b \"c\"", null]}, "ok": {"type": "boolean"},
      "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3}},
      "required": ["name", "age"], "additionalProperties": false})");
  SampleJson(*object, [](const Value& v) {
    ASSERT_TRUE(v.is_object());
    EXPECT_TRUE(v.at("name").is_string());
    EXPECT_TRUE(v.at("age").is_number_integer());
    EXPECT_LE(v.at("age").get<int>(), 150);
    if (v.contains("kind")) {
      EXPECT_TRUE(v["kind"].is_null() || v["kind"] == "a" || v["kind"] == "b \"c\"");
    }
    if (v.contains("tags")) {
      EXPECT_LE(v["tags"].size(), 3u);
    }
    for (auto& [key, value] : v.items()) EXPECT_TRUE(key.size() <= 4) << key;
  });
  SampleJson(*Json(R"({"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 4})"),
             [](const Value& v) { EXPECT_TRUE(v.is_array() && !v.empty() && v.size() <= 4); });
  SampleJson(*Json(R"({"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"const": 1}},
                      "required": ["a"], "additionalProperties": false}]})"),
             [](const Value& v) { EXPECT_TRUE(v.is_null() || v == Value({{"a", 1}})); });
}

TEST_F(GrammarTest, NoFreeWhitespace) {
  auto grammar = Json(R"({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"],
                          "additionalProperties": false})");
  EXPECT_TRUE(Fits(*grammar, R"({"a": 1})"));
  EXPECT_FALSE(Fits(*grammar, R"({ "a": 1})"));
  EXPECT_FALSE(Fits(*grammar, R"({"a":  1})"));
  EXPECT_FALSE(Fits(*grammar, "{\n\"a\": 1}"));
}

TEST_F(GrammarTest, ForcedTokensNeedNoModel) {
  auto grammar = Json(R"({"type": "object", "properties": {"hello": {"type": "integer"}}, "required": ["hello"],
                          "additionalProperties": false})");
  auto matcher = *grammar->NewMatcher();
  auto forced = matcher->ForcedTokens();
  ASSERT_FALSE(forced.empty());
  std::string text;
  for (TokenId id : forced) {
    ASSERT_TRUE(matcher->Accept(id));
    text += tokenizer_->TokenBytes(id);
  }
  EXPECT_TRUE(std::string(R"({"hello": )").starts_with(text)) << text;
  EXPECT_GE(text.size(), 9u) << text;
}

TEST_F(GrammarTest, MatchersAreIndependentAndRecoverFromRefusal) {
  auto grammar = *Grammar::FromChoices(std::vector<std::string>{"refund", "return", "ship \"now\""}, env_);
  auto one = *grammar->NewMatcher();
  auto two = *grammar->NewMatcher();
  ASSERT_TRUE(one->Accept('r'));
  auto refused = one->Accept('x');
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_FALSE(one->Accept(-1));
  EXPECT_FALSE(one->Accept(100'000));
  EXPECT_TRUE(one->Accept('e'));
  EXPECT_FALSE(one->IsComplete());
  EXPECT_TRUE(two->Accept('s'));
  EXPECT_TRUE(Fits(*grammar, "refund"));
  EXPECT_TRUE(Fits(*grammar, "ship \"now\""));
  EXPECT_FALSE(Fits(*grammar, "refunds"));
  EXPECT_FALSE(Fits(*grammar, ""));
}

TEST_F(GrammarTest, EndTokenOnlyWhenComplete) {
  auto grammar = *Grammar::FromRegex("[0-9]{2}(-[a-z]+)?", env_);
  auto allows_end = [](Matcher& m) { return ((*m.AllowedMask())[kTinyEnd / 32] >> (kTinyEnd % 32) & 1) != 0; };
  auto matcher = *grammar->NewMatcher();
  EXPECT_FALSE(allows_end(*matcher));
  ASSERT_TRUE(matcher->Accept('4'));
  EXPECT_FALSE(allows_end(*matcher));
  EXPECT_FALSE(matcher->Accept(kTinyEnd));
  ASSERT_TRUE(matcher->Accept('2'));
  EXPECT_TRUE(allows_end(*matcher));
  EXPECT_TRUE(matcher->IsComplete());
  EXPECT_FALSE(matcher->IsFinished());
  ASSERT_TRUE(matcher->Accept(kTinyEnd));
  EXPECT_TRUE(matcher->IsFinished());
  // ids that the tokeniser has not are never allowed, though the logits are wider
  auto fresh = *grammar->NewMatcher();
  auto mask = *fresh->AllowedMask();
  EXPECT_EQ(mask.size(), 10u);
  for (int id = 265; id < 320; ++id) EXPECT_EQ(mask[static_cast<size_t>(id) / 32] >> (id % 32) & 1, 0u) << id;
}

TEST_F(GrammarTest, ImpossibleAndBadOnesAreRefused) {
  for (const char* schema : {R"({"type": "integer", "minimum": 5, "maximum": 4})", R"({"type": "martian"})",
                             R"({"type": "string", "minLength": 3, "maxLength": 2})", R"({"$ref": "#/$defs/none"})",
                             R"({"type": "object", "properties": {"a": false}, "required": ["a"]})", R"({"enum": []})",
                             R"({"type": "string", "pattern": "("})"}) {
    auto grammar = Grammar::FromJsonSchema(*ParseValue(schema), env_);
    ASSERT_FALSE(grammar) << schema;
    EXPECT_EQ(grammar.error().code, Code::kInvalidArgument) << schema;
    EXPECT_GT(grammar.error().message.size(), 20u);
  }
  EXPECT_FALSE(Grammar::FromJsonSchema(Value(3), env_));
  EXPECT_FALSE(Grammar::FromRegex("(", env_));
  EXPECT_FALSE(Grammar::FromLark("start: nothing", env_));
  EXPECT_FALSE(Grammar::FromChoices({}, env_));
  EXPECT_FALSE(Grammar::FromLark(std::string(2 << 20, ' '), env_));
}

TEST_F(GrammarTest, NeedsAByteLevelTokenizerAndAnEnd) {
  auto words = *Tokenizer::FromJson(R"({"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}})");
  TokenId ends[] = {0};
  EXPECT_EQ(GrammarEnv::Make(words, ends).error().code, Code::kFailedPrecondition);
  EXPECT_FALSE(GrammarEnv::Make(tokenizer_, {}));
  TokenId outside[] = {1'000'000};
  EXPECT_FALSE(GrammarEnv::Make(tokenizer_, outside));
  EXPECT_FALSE(GrammarEnv::Make(tokenizer_, ends, 5));
}

constexpr const char* kFacts = R"({"type": "object", "properties": {
    "order": {"type": ["string", "null"], "x-copy": true, "pattern": "[0-9]{4,8}"},
    "item": {"type": ["string", "null"], "x-copy": true, "maxLength": 30},
    "note": {"type": "string", "x-copy": true},
    "urgent": {"type": "boolean"}, "kind": {"enum": ["refund", "return"]},
    "names": {"type": "array", "items": {"type": "string", "x-copy": true, "minLength": 1}, "maxItems": 2}},
    "required": ["order", "item", "note", "urgent"], "additionalProperties": false})";
constexpr const char* kMessage =
    "Hello, order 20417 (\"red \\ lamp\")\nfor Ann-Marie Größe 我的订单 never came; I paid 49.99 on 2026-11-03.";

TEST_F(GrammarTest, CopiedFieldsAreAlwaysPiecesOfTheSource) {
  JsonOptions options;
  options.copy_source = kMessage;
  auto grammar = Json(kFacts, options);
  ASSERT_TRUE(grammar);
  int copied = 0;
  SampleJson(*grammar, [&](const Value& v) {
    auto is_copy = [&](const Value& text) {
      ASSERT_TRUE(text.is_string());
      EXPECT_THAT(kMessage, HasSubstr(text.get<std::string>()));
      copied += text.get<std::string>().size() > 0;
    };
    if (!v.at("order").is_null()) {
      EXPECT_TRUE(v["order"] == "20417" || v["order"] == "2026") << v["order"];
    }
    if (!v.at("item").is_null()) is_copy(v["item"]);
    is_copy(v.at("note"));
    EXPECT_TRUE(v.at("urgent").is_boolean());
    if (v.contains("names")) {
      EXPECT_LE(v["names"].size(), 2u);
      for (auto& name : v["names"]) is_copy(name);
    }
  });
  EXPECT_GT(copied, 20);
}

TEST_F(GrammarTest, CopiesEndAtTheEdgeOfWords) {
  JsonOptions options;
  options.copy_source = kMessage;
  auto words = Json(R"({"type": "string", "x-copy": true})", options);
  EXPECT_TRUE(Fits(*words, R"("order 20417")"));
  EXPECT_TRUE(Fits(*words, R"("49.99")"));
  EXPECT_TRUE(Fits(*words, R"("2026-11-03")"));
  EXPECT_TRUE(Fits(*words, R"("\"red \\ lamp\")\nfor")"));
  EXPECT_TRUE(Fits(*words, "\"Größe\""));
  EXPECT_TRUE(Fits(*words, "\"订单\""));
  EXPECT_TRUE(Fits(*words, R"("")"));
  EXPECT_FALSE(Fits(*words, R"("0417")"));
  EXPECT_FALSE(Fits(*words, R"("Marie")"));
  EXPECT_FALSE(Fits(*words, R"("order ")"));
  EXPECT_FALSE(Fits(*words, R"(" order")"));
  EXPECT_FALSE(Fits(*words, R"("20417 order")"));
  options.copy_unit = CopyUnit::kCharacters;
  auto characters = Json(R"({"type": "string", "x-copy": true})", options);
  EXPECT_TRUE(Fits(*characters, R"("0417")"));
  EXPECT_FALSE(Fits(*characters, R"("0418")"));
}

TEST_F(GrammarTest, NothingToCopy) {
  for (const char* source : {"", "no number here"}) {
    JsonOptions options;
    options.copy_source = source;
    auto nullable = Json(R"({"type": "object", "properties": {"order": {"type": ["string", "null"], "x-copy": true,
                              "pattern": "[0-9]+"}}, "required": ["order"]})",
                         options);
    ASSERT_TRUE(nullable);
    EXPECT_TRUE(Fits(*nullable, R"({"order": null})"));
    EXPECT_FALSE(Fits(*nullable, R"({"order": ""})"));
    SampleJson(*nullable, [](const Value& v) { EXPECT_EQ(v, Value({{"order", nullptr}})); }, 5);
    auto impossible = Grammar::FromJsonSchema(*ParseValue(R"({"type": "string", "x-copy": true, "pattern": "[0-9]+"})"),
                                              env_, options);
    EXPECT_FALSE(impossible);
  }
  auto empty = Json(R"({"type": "string", "x-copy": true})");
  EXPECT_TRUE(Fits(*empty, R"("")"));
  SampleJson(*empty, [](const Value& v) { EXPECT_EQ(v, Value("")); }, 5);
}

TEST_F(GrammarTest, LongSourcesWork) {
  JsonOptions options;
  for (int i = 0; i < 6000; ++i) options.copy_source += "word" + std::to_string(i * 7 % 1000) + (i % 9 ? " " : ". ");
  auto grammar = Json(kFacts, options);
  ASSERT_TRUE(grammar);
  SampleJson(
      *grammar, [&](const Value& v) { EXPECT_THAT(options.copy_source, HasSubstr(v.at("note").get<std::string>())); },
      3);
  options.copy_source.assign(1 << 20, 'a');
  EXPECT_FALSE(Grammar::FromJsonSchema(*ParseValue(kFacts), env_, options));
}

TEST_F(GrammarTest, CopiesStandOnlyWhereTheyCanBeKept) {
  JsonOptions options{.copy_source = "abc"};
  for (const char* schema :
       {R"({"type": "integer", "x-copy": true})", R"({"type": ["string", "integer"], "x-copy": true})",
        R"({"allOf": [{"type": "string", "x-copy": true}]})", R"({"type": "string", "x-copy": true, "enum": ["abc"]})",
        R"({"type": "object", "properties": {"a": {"type": "string", "x-copy": true}},
                                 "required": ["b"]})"}) {
    auto grammar = Grammar::FromJsonSchema(*ParseValue(schema), env_, options);
    ASSERT_FALSE(grammar) << schema;
    EXPECT_THAT(grammar.error().message, HasSubstr("schema at $")) << schema;
  }
}

}  // namespace
}  // namespace troupe::text
