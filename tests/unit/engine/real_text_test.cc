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

// What transformers says (tests/unit/model/golden/make_llama.py), all at once over too few pages, then again from what
// is still there.
TEST(RealTextTest, SmolLm2OverFewPagesSaysWhatTransformersSays) {
  SKIP_WITHOUT(model::SmolLm2());
  constexpr size_t kTokens = 24;
  const Value golden = model::Golden("llama.json");
  EngineOptions options{.max_sequences = 6, .max_context = 256, .max_pages = 16, .prefill_chunk = 48};
  options.compute = Compute::kFp32;
  auto engine = Engine::Load(model::SmolLm2(), options);
  ASSERT_TRUE(engine) << ToString(engine.error());
  const auto ends = (*engine)->end_ids();
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<Listener>> listeners;
    for (const Value& item : golden["cases"]) {
      Request request;
      request.prompt = item["tokens"].get<std::vector<TokenId>>();
      request.max_new_tokens = kTokens;
      listeners.push_back(std::make_unique<Listener>());
      ASSERT_TRUE((*engine)->Generate(std::move(request), listeners.back()->MakeCallbacks()));
    }
    for (size_t i = 0; i < listeners.size(); ++i) {
      SCOPED_TRACE("case " + std::to_string(i) + " round " + std::to_string(round));
      auto expected = golden["cases"][i]["greedy"].get<std::vector<TokenId>>();
      expected.resize(kTokens);
      expected.erase(std::find_first_of(expected.begin(), expected.end(), ends.begin(), ends.end()), expected.end());
      EXPECT_EQ(listeners[i]->Wait().tokens, expected);
    }
  }
  const EngineStats stats = (*engine)->Stats();
  EXPECT_GT(stats.preemptions, 0);
  EXPECT_GT(stats.recomputed_tokens, 0);
  EXPECT_GT(stats.reused_tokens, 0);
}

}  // namespace
}  // namespace troupe::engine
