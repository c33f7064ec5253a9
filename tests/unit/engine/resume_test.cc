// A broken-off answer goes on as if it had not been broken off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/fixture.h"

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

Request Letters(float temperature, int32_t max_new_tokens) {
  Request request = MakeRequest("dear reader", max_new_tokens);
  request.sampling.temperature = temperature;
  request.sampling.repeat_penalty = 1.1f;
  request.sampling.frequency_penalty = 0.2f;
  request.sampling.seed = 99;
  request.constraint = std::make_unique<OnlyThese>(PlainLetters(), 30);
  return request;
}

TEST(ResumeTest, TheContinuationIsTheOneThatWouldHaveBeen) {
  const auto engine = TinyEngine();
  for (const float temperature : {0.0f, 1.0f}) {
    const Answer whole = Ask(*engine, Letters(temperature, 100));
    ASSERT_EQ(whole.text.size(), 30u);
    for (const size_t cut : {1u, 13u, 29u}) {
      Request rest = Letters(temperature, 100);
      rest.committed_text = whole.text.substr(0, cut);
      const Answer answer = Ask(*engine, std::move(rest));
      EXPECT_EQ(answer.text, whole.text.substr(cut));
      EXPECT_EQ(answer.done->reason, FinishReason::kConstraint);
      EXPECT_EQ(answer.done->usage.committed_tokens, static_cast<int32_t>(cut));
    }
  }
}

TEST(ResumeTest, DifferentSeedsSayDifferentThings) {
  const auto engine = TinyEngine();
  Request other = Letters(1.0f, 100);
  other.sampling.seed = 100;
  EXPECT_NE(Ask(*engine, Letters(1.0f, 100)).text, Ask(*engine, std::move(other)).text);
}

TEST(ResumeTest, CommittedTokensCountTowardsTheLimit) {
  const auto engine = TinyEngine();
  Request rest = Letters(0, 10);
  rest.committed_text = "abcdfgi";
  EXPECT_EQ(Ask(*engine, std::move(rest)).text.size(), 3u);
  Request full = Letters(0, 5);
  full.committed_text = "abcdfgi";
  const Answer answer = Ask(*engine, std::move(full));
  EXPECT_EQ(answer.text, "");
  EXPECT_EQ(answer.done->reason, FinishReason::kLength);
}

TEST(ResumeTest, CommittedTextThatFinishesTheConstraintEndsAtOnce) {
  const auto engine = TinyEngine();
  Request rest = Letters(0, 100);
  rest.committed_text = std::string(30, 'a');
  const Answer answer = Ask(*engine, std::move(rest));
  EXPECT_EQ(answer.done->reason, FinishReason::kConstraint);
  EXPECT_EQ(answer.text, "");
}

TEST(ResumeTest, CommittedTextThatTheConstraintForbidsIsAnError) {
  const auto engine = TinyEngine();
  Request rest = Letters(0, 100);
  rest.committed_text = "123";
  const Answer answer = Ask(*engine, std::move(rest));
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kFailedPrecondition);
  EXPECT_THAT(answer.error->message, HasSubstr("committed text"));
}

}  // namespace
}  // namespace troupe::engine
