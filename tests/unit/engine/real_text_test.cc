// The whole way with SmolLM2: chat template, prompt, generation, text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/fixture.h"
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

}  // namespace
}  // namespace troupe::engine
