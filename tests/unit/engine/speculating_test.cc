// Guesses change no answer, whatever else shapes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/engine/fixture.h"

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

// What an engine of its own says with and without guesses, and that some were right.
std::pair<Answer, Answer> BothWays(const std::function<Request()>& make) {
  Answer answers[2];
  for (const bool guesses : {false, true}) {
    const auto engine = TinyEngine({.speculation = guesses ? Speculation::kAlways : Speculation::kOff});
    answers[guesses ? 1 : 0] = Ask(*engine, make());
    engine->Stop();
    const EngineStats stats = engine->Stats();
    EXPECT_EQ(stats.drafted_tokens > 0, guesses);
    EXPECT_EQ(stats.accepted_tokens > 0, guesses);
    EXPECT_LE(stats.accepted_tokens, stats.drafted_tokens);
    EXPECT_EQ(stats.generated_tokens, answers[guesses ? 1 : 0].done->usage.generated_tokens);
    EXPECT_EQ(stats.pages_free + stats.pages_cached, stats.pages_total);
  }
  return {answers[0], answers[1]};
}

void ExpectSame(const std::pair<Answer, Answer>& both) {
  const auto& [without, with] = both;
  EXPECT_EQ(with.tokens, without.tokens);
  EXPECT_EQ(with.text, without.text);
  ASSERT_TRUE(with.done && without.done);
  EXPECT_EQ(with.done->reason, without.done->reason);
  EXPECT_EQ(with.done->stop, without.done->stop);
  EXPECT_EQ(with.done->usage.generated_tokens, without.done->usage.generated_tokens);
  ASSERT_EQ(with.details.size(), without.details.size());
  for (size_t i = 0; i < with.details.size(); ++i) {
    EXPECT_NEAR(with.details[i].logprob, without.details[i].logprob, 1e-4) << i;
  }
}

Request Greedy(int32_t tokens = 120) {
  Request request = MakeRequest("abc abc abc", tokens);
  request.ignore_end = true;
  return request;
}

TEST(SpeculatingTest, TheLikeliestTokens) {
  ExpectSame(BothWays([] { return Greedy(); }));
}

TEST(SpeculatingTest, EveryLengthEndsWhereItShould) {
  for (int32_t tokens = 80; tokens < 100; ++tokens) {
    SCOPED_TRACE(tokens);
    const auto both = BothWays([&] { return Greedy(tokens); });
    ExpectSame(both);
    EXPECT_EQ(both.second.done->reason, FinishReason::kLength);
  }
}

TEST(SpeculatingTest, DrawnTokens) {
  ExpectSame(BothWays([] {
    Request request = MakeRequest("abc abc abc", 120);
    request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{'a', 'b'}, 1000);
    request.sampling.temperature = 0.8f;
    request.sampling.seed = 7;
    return request;
  }));
}

TEST(SpeculatingTest, PenaltiesAndProbabilities) {
  ExpectSame(BothWays([] {
    Request request = Greedy();
    request.sampling.repeat_penalty = 1.05f;
    request.sampling.repeat_window = 20;
    request.sampling.frequency_penalty = 0.01f;
    request.sampling.logprobs = 3;
    return request;
  }));
}

TEST(SpeculatingTest, AConstraintAndTokensThatItForces) {
  const auto both = BothWays([] {
    Request request = MakeRequest("abc abc abc", 100);
    request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{'a', 'b'}, 90, std::vector<TokenId>{'x', 'y'});
    return request;
  });
  ExpectSame(both);
  EXPECT_EQ(both.second.done->reason, FinishReason::kConstraint);
  EXPECT_THAT(both.second.text, HasSubstr("xy"));
}

TEST(SpeculatingTest, AStopInTheMiddleOfADraft) {
  const Answer whole = BothWays([] { return Greedy(); }).first;
  // given: what comes for the first time as late as can be
  std::string stop;
  for (size_t at = 0; at + 5 <= whole.text.size(); ++at) {
    if (whole.text.find(whole.text.substr(at, 5)) == at) stop = whole.text.substr(at, 5);
  }
  ExpectSame(BothWays([&] {
    Request request = Greedy();
    request.sampling.stop = {stop};
    return request;
  }));
}

TEST(SpeculatingTest, ASequenceThatFillsItsContext) {
  std::vector<TokenId> tokens[2];
  for (const bool guesses : {false, true}) {
    const auto engine =
        TinyEngine({.max_context = 64, .speculation = guesses ? Speculation::kAlways : Speculation::kOff});
    const Answer answer = Ask(*engine, Greedy(1000));
    ASSERT_TRUE(answer.done);
    EXPECT_EQ(answer.done->reason, FinishReason::kLength);
    EXPECT_EQ(answer.tokens.size(), 64u - 11u);
    tokens[guesses ? 1 : 0] = answer.tokens;
  }
  EXPECT_EQ(tokens[0], tokens[1]);
}

TEST(SpeculatingTest, ByItselfItGuessesToo) {
  const auto engine = TinyEngine();
  const Answer answer = Ask(*engine, Greedy());
  ASSERT_TRUE(answer.done);
  engine->Stop();
  EXPECT_GT(engine->Stats().drafted_tokens, 0);
}

}  // namespace
}  // namespace troupe::engine
