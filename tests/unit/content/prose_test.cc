#include "router/content/prose.h"

#include <gtest/gtest.h>

#include "router/content/check_texts.h"
#include "tests/unit/content/sample_set.h"
#include "tests/unit/text/sampler.h"
#include "tests/unit/text/tiny_vocab.h"

namespace troupe::content {
namespace {

ContentSet Letters() {
  ContentSet set;
  set.name = "letters";
  set.slots = {{.name = "first_name", .type = SlotType::kName, .max_length = 40, .use = SlotUse::kOnce},
               {.name = "amount", .type = SlotType::kMoney, .max_length = 40, .currency = "EUR"},
               {.name = "town", .type = SlotType::kCity, .max_length = 40, .use = SlotUse::kOptional}};
  set.cells = {{}};
  set.checks.max_length = 160;
  return set;
}

TEST(Prose, WhateverAModelSaysUnderTheSchemaHasItsSlotsAndNothingElse) {
  // given a model that picks its tokens at random among those that the schema allows
  const ContentSet set = Letters();
  const auto tokenizer = text::TinyTokenizer();
  const text::TokenId ends[] = {text::kTinyEnd};
  const auto env = text::GrammarEnv::Make(tokenizer, ends);
  ASSERT_TRUE(env);
  const auto grammar = text::Grammar::FromJsonSchema(ProseSchema(set), *env);
  ASSERT_TRUE(grammar) << grammar.error().message;
  int ended = 0;
  int with_town = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const text::SampleResult sample = text::SampleText(**grammar, *tokenizer, text::kTinyEnd, seed, 1'500, 60);
    if (!sample.ended) continue;
    ++ended;
    // when its text is taken
    const auto prose = ProseIn(Value(sample.text));
    ASSERT_TRUE(prose) << sample.text;
    const auto text = TextOfProse(*prose, set);
    ASSERT_TRUE(text) << text.error().message << "\n" << sample.text;
    // then all checks let it through: slots, length and signs
    EXPECT_EQ(CheckText(set, {.id = "t", .text = *text}), std::vector<std::string>()) << *text;
    with_town += text->find("{{town}}") != text->npos ? 1 : 0;
  }
  EXPECT_GT(ended, 250);
  EXPECT_GT(with_town, 0);
  EXPECT_LT(with_town, ended);
}

TEST(Prose, IsTakenFromWhatGraphsGive) {
  EXPECT_EQ(*ProseIn(Value({{"text", "Hi"}})), "Hi");
  EXPECT_EQ(*ProseIn(Value(R"({"text": "Hi {{a}}"})")), "Hi {{a}}");
  EXPECT_EQ(*ProseIn(Value({{"text", R"({"text": "Hi"})"}})), "Hi");
  EXPECT_EQ(*ProseIn(Value("{{a}}, hi")), "{{a}}, hi");
  for (const Value& wrong : {Value(3), Value({{"said", "Hi"}}), Value(R"({"text": "Hi)"), Value(R"({"text": 3})")}) {
    EXPECT_FALSE(ProseIn(wrong)) << wrong;
  }
}

TEST(Prose, IsEscapedAsTheSetSays) {
  ContentSet set = Letters();
  set.output = OutputKind::kHtml;
  EXPECT_EQ(*TextOfProse("Salt & pepper, {{first_name}}", set), "Salt &amp; pepper, {{first_name}}");
  set.output = OutputKind::kText;
  EXPECT_EQ(*TextOfProse("Salt & pepper, {{first_name}}", set), "Salt & pepper, {{first_name}}");
  set.output = OutputKind::kJson;
  EXPECT_EQ(*TextOfProse("He said \"hi\", {{first_name}}", set), R"("He said \"hi\", {{first_name}}")");
}

}  // namespace
}  // namespace troupe::content
