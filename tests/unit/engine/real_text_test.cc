// The whole way with SmolLM2: chat template, prompt, generation, text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/engine/fixture.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/models.h"

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

TEST(RealTextTest, SmolLm2AnswersAQuestionAndGoesOnAfterABreak) {
  SKIP_WITHOUT(model::SmolLm2());
  auto engine = Engine::Load(model::SmolLm2(), {.max_context = 512});
  ASSERT_TRUE(engine) << ToString(engine.error());
  ASSERT_NE((*engine)->chat_template(), nullptr);
  const std::vector<text::ChatMessage> messages{{"user", "What is the capital of France?"}};
  const auto prompt = (*engine)->chat_template()->Render(messages);
  ASSERT_TRUE(prompt);
  const auto ids = (*engine)->tokenizer()->Encode(*prompt, text::Specials::kInText);
  ASSERT_TRUE(ids);
  const auto answer_after = [&](const std::string& committed) {
    Request request;
    request.prompt = *ids;
    request.max_new_tokens = 24;
    request.committed_text = committed;
    return Ask(**engine, std::move(request));
  };
  const Answer whole = answer_after("");
  ASSERT_TRUE(whole.done);
  EXPECT_THAT(whole.text, HasSubstr("Paris"));
  EXPECT_EQ(whole.done->reason, FinishReason::kStop);
  const Answer rest = answer_after(whole.text.substr(0, 14));
  EXPECT_EQ(whole.text.substr(0, 14) + rest.text, whole.text);
}

// What transformers says (tests/unit/model/golden/make_llama.py), though one of four has to give way, and then from
// what is still there.
class RealPagesTest : public ::testing::TestWithParam<Speculation> {};

INSTANTIATE_TEST_SUITE_P(RealText, RealPagesTest, ::testing::Values(Speculation::kOff, Speculation::kAlways),
                         GuessesName);

TEST_P(RealPagesTest, SmolLm2OverFewPagesSaysWhatTransformersSays) {
  SKIP_WITHOUT(model::SmolLm2());
  const Value golden = model::Golden("llama.json");
  // Of 18 to 47 tokens, three of them with the same first page: they start on 9 pages and would end on 21.
  constexpr size_t kCases[] = {1, 2, 3, 5};
  EngineOptions options{.max_sequences = 4, .max_context = 256, .max_pages = 16, .prefill_chunk = 24};
  options.compute = Compute::kFp32;
  options.speculation = GetParam();
  const auto loaded = Engine::Load(model::SmolLm2(), options);
  ASSERT_TRUE(loaded) << ToString(loaded.error());
  Engine& engine = **loaded;
  const auto request = [&](size_t number, int32_t tokens) {
    Request made;
    made.prompt = golden["cases"][number]["tokens"].get<std::vector<TokenId>>();
    made.max_new_tokens = tokens;
    return made;
  };
  const auto expected = [&](size_t number, size_t tokens) {
    auto said = golden["cases"][number]["greedy"].get<std::vector<TokenId>>();
    said.resize(tokens);
    const auto ends = engine.end_ids();
    said.erase(std::find_first_of(said.begin(), said.end(), ends.begin(), ends.end()), said.end());
    return said;
  };
  Listener listeners[std::size(kCases)];
  for (size_t i = 0; i < std::size(kCases); ++i) {
    ASSERT_TRUE(engine.Generate(request(kCases[i], 48), listeners[i].MakeCallbacks()));
  }
  for (size_t i = 0; i < std::size(kCases); ++i) {
    EXPECT_EQ(listeners[i].Wait().tokens, expected(kCases[i], 48)) << kCases[i];
  }
  EXPECT_GT(engine.Stats().preemptions, 0);
  EXPECT_GT(engine.Stats().recomputed_tokens, 0);
  const Answer again = Ask(engine, request(1, 8));
  EXPECT_EQ(again.tokens, expected(1, 8));
  EXPECT_GE(again.done->usage.reused_tokens, 32);
}

}  // namespace
}  // namespace troupe::engine
