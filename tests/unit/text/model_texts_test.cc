// What the models' own vocabularies must do: grammars over SmolLM2's 49,152 tokens, MiniLM's pieces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/text/grammar.h"
#include "tests/unit/text/models.h"
#include "tests/unit/text/sampler.h"

namespace troupe::text {
namespace {

using testing::HasSubstr;

TEST(ModelTexts, MiniLmNeitherPadsNorTruncates) {
  SKIP_WITHOUT(MiniLmTokenizer());
  auto tokenizer = *Tokenizer::FromFile(MiniLmTokenizer());
  EXPECT_EQ(tokenizer->Encode("hello")->size(), 3u);
  std::string text;
  for (int i = 0; i < 500; ++i) text += "hello ";
  EXPECT_EQ(tokenizer->Encode(text)->size(), 502u);
  EXPECT_EQ(tokenizer->TokenName(*tokenizer->bos_id()), "[CLS]");
  EXPECT_EQ(tokenizer->TokenName(*tokenizer->eos_id()), "[SEP]");
  EXPECT_FALSE(tokenizer->is_byte_level());
}

TEST(ModelTexts, MiniLmPairsAndOffsets) {
  SKIP_WITHOUT(MiniLmTokenizer());
  auto tokenizer = *Tokenizer::FromFile(MiniLmTokenizer());
  auto pair = tokenizer->EncodePair("a question", "an answer");
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->type_ids, (std::vector<int32_t>{0, 0, 0, 0, 1, 1, 1}));
  std::string text = "Größe ÜBUNG 日本";
  auto tokens = tokenizer->EncodeWithOffsets(text);
  ASSERT_TRUE(tokens);
  std::string covered;
  for (const TokenSpan& token : *tokens) covered += text.substr(token.begin, token.end - token.begin);
  EXPECT_EQ(covered, "GrößeÜBUNG日本");
}

TEST(ModelTexts, SmolLm2FollowsASchemaWithCopies) {
  SKIP_WITHOUT(SmolLm2Gguf());
  auto tokenizer = OpenSmolLm2();
  TokenId ends[] = {*tokenizer->eos_id()};
  auto env = GrammarEnv::Make(tokenizer, ends);
  ASSERT_TRUE(env) << env.error().message;
  JsonOptions options;
  options.copy_source = "I ordered two desks (order 20417, 20418) on 3 May for Ann-Marie; one came broken.";
  auto schema = *ParseValue(R"({"type": "object", "properties": {
      "order": {"type": ["string", "null"], "x-copy": true, "pattern": "[0-9]{4,8}"},
      "date": {"type": ["string", "null"], "x-copy": true}, "item": {"type": ["string", "null"], "x-copy": true}},
      "required": ["order", "date", "item"], "additionalProperties": false})");
  auto grammar = Grammar::FromJsonSchema(schema, *env, options);
  ASSERT_TRUE(grammar) << grammar.error().message;
  int ended = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    SampleResult sample = SampleText(**grammar, *tokenizer, ends[0], seed);
    if (!sample.ended) continue;
    ++ended;
    auto value = ParseValue(sample.text);
    ASSERT_TRUE(value) << sample.text;
    for (auto& [key, field] : value->items()) {
      if (!field.is_null()) {
        EXPECT_THAT(options.copy_source, HasSubstr(field.get<std::string>())) << key;
      }
    }
    auto& order = value->at("order");
    EXPECT_TRUE(order.is_null() || order == "20417" || order == "20418") << order;
  }
  EXPECT_GE(ended, 15);
}

}  // namespace
}  // namespace troupe::text
