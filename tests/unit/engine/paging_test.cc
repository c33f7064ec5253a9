// Many sequences over few pages: whatever is shared, run in pieces, given up and computed again, each says what it
// would say alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "runtime/engine/page_pool.h"
#include "runtime/model/graph_decoder.h"
#include "tests/unit/engine/fixture.h"
#include "tests/unit/engine/wrapped_decoder.h"
#include "tests/unit/model/remembering_runner.h"

namespace troupe::engine {
namespace {

std::string Letters(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::string text;
  for (size_t i = 0; i < count; ++i) text += static_cast<char>('a' + random() % 26);
  return text;
}

// Answers of all requests sent at once.
std::vector<Answer> AskTogether(Engine& engine, std::vector<Request> requests) {
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<Answer> answers;
  for (Request& request : requests) {
    listeners.push_back(std::make_unique<Listener>());
    EXPECT_TRUE(engine.Generate(std::move(request), listeners.back()->MakeCallbacks()));
  }
  for (const auto& listener : listeners) answers.push_back(listener->Wait());
  return answers;
}

// Prompts of many lengths, half of them with one of two beginnings; greedy ones and drawn ones.
std::vector<Request> Mixed(int count) {
  const std::string beginnings[] = {Letters(37, 1), Letters(64, 2)};
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i) {
    const std::string own = Letters(1 + static_cast<size_t>(i * 29 % 90), 100 + static_cast<uint32_t>(i));
    requests.push_back(MakeRequest(i % 2 == 0 ? own : beginnings[i / 2 % 2] + own, 20 + i * 7 % 60));
    requests.back().sampling.temperature = i % 3 == 0 ? 0.9f : 0.0f;
    requests.back().sampling.seed = static_cast<uint64_t>(i);
    requests.back().priority = i % 4;
  }
  return requests;
}

void ExpectSame(const std::vector<Answer>& answers, const std::vector<Answer>& expected) {
  ASSERT_EQ(answers.size(), expected.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(answers[i].tokens, expected[i].tokens);
    EXPECT_EQ(answers[i].text, expected[i].text);
    ASSERT_TRUE(answers[i].done);
    EXPECT_EQ(answers[i].done->reason, expected[i].done->reason);
    EXPECT_EQ(answers[i].done->usage.generated_tokens, expected[i].done->usage.generated_tokens);
  }
}

// Each in an engine of its own, so that nothing is shared, and without guesses.
std::vector<Answer> Alone(int count) {
  std::vector<Answer> answers;
  for (int i = 0; i < count; ++i) {
    std::vector<Request> requests = Mixed(count);
    const auto engine = TinyEngine({.speculation = Speculation::kOff});
    answers.push_back(Ask(*engine, std::move(requests[static_cast<size_t>(i)])));
    EXPECT_EQ(engine->Stats().reused_tokens, 0);
  }
  return answers;
}

class FewPagesTest : public ::testing::TestWithParam<Speculation> {};

INSTANTIATE_TEST_SUITE_P(Paging, FewPagesTest, ::testing::Values(Speculation::kOff, Speculation::kAlways), GuessesName);

TEST_P(FewPagesTest, HoweverFewPagesThereAreEachSaysWhatItWouldSayAlone) {
  constexpr int kCount = 24;
  const std::vector<Answer> expected = Alone(kCount);
  for (const int64_t pages : {16, 23, 40, 1000}) {
    for (const int32_t chunk : {0, 5, 16, 48}) {
      SCOPED_TRACE(std::to_string(pages) + " pages, pieces of " + std::to_string(chunk));
      const auto engine = TinyEngine({.max_sequences = 12,
                                      .max_context = 256,
                                      .max_pages = pages,
                                      .prefill_chunk = chunk,
                                      .speculation = GetParam()});
      ExpectSame(AskTogether(*engine, Mixed(kCount)), expected);
      ExpectSame(AskTogether(*engine, Mixed(kCount)), expected);  // with all prefixes there, or what is left of them
      engine->Stop();
      const EngineStats stats = engine->Stats();
      EXPECT_GT(stats.reused_tokens, 0);
      EXPECT_EQ(stats.accepted_tokens > 0, GetParam() == Speculation::kAlways);
      EXPECT_EQ(stats.pages_total, std::min<int64_t>(pages, 12 * 16));
      EXPECT_EQ(stats.pages_free + stats.pages_cached, stats.pages_total) << "pages that nobody gave back";
      if (pages == 16) {
        EXPECT_GT(stats.preemptions, 0);
        EXPECT_GT(stats.recomputed_tokens, 0);
      }
      if (pages == 1000) {
        EXPECT_EQ(stats.preemptions, 0);
        EXPECT_EQ(stats.recomputed_tokens, 0);
      }
    }
  }
}

TEST(PagingTest, APromptThatCameBeforeIsNotRunAgain) {
  const auto engine = TinyEngine();
  const std::string prompt = Letters(100, 5);
  const Answer first = Ask(*engine, MakeRequest(prompt, 20));  // which fills the prompt's last page
  EXPECT_EQ(first.done->usage.reused_tokens, 0);
  const Answer second = Ask(*engine, MakeRequest(prompt, 20));
  EXPECT_EQ(second.tokens, first.tokens);
  EXPECT_EQ(second.done->usage.prompt_tokens, 100);
  EXPECT_EQ(second.done->usage.reused_tokens, 99);
  EXPECT_EQ(engine->Stats().prompt_tokens, 101);
  EXPECT_EQ(engine->Stats().reused_tokens, 99);
}

TEST(PagingTest, AConversationGoesOnFromWhatWasSaid) {
  const auto engine = TinyEngine();
  Request first = MakeRequest(Letters(40, 5), 30);
  first.constraint = std::make_unique<OnlyThese>(PlainLetters(), 1000);
  const Answer said = Ask(*engine, std::move(first));
  ASSERT_EQ(said.text.size(), 30u);
  const Answer second = Ask(*engine, MakeRequest(Letters(40, 5) + said.text + " and then?", 5));
  EXPECT_EQ(second.done->usage.reused_tokens, 64);  // of 80, the last token said was never run
}

TEST(PagingTest, PromptsThatBeginAlikeAreRunOnceThoughTheyComeTogether) {
  const auto engine = TinyEngine({.max_sequences = 8, .prefill_chunk = 32});
  const std::string beginning = Letters(320, 6);
  std::vector<Request> requests;
  for (int i = 0; i < 8; ++i)
    requests.push_back(MakeRequest(beginning + Letters(30, 50 + static_cast<uint32_t>(i)), 4));
  AskTogether(*engine, std::move(requests));
  // 8 times 30 of their own, and the beginning hardly more than once; all of it would be 2,800
  EXPECT_LT(engine->Stats().prompt_tokens, 8 * 30 + 2 * 320);
}

TEST(PagingTest, AShortPromptIsNotHeldUpByALongOne) {
  const auto engine = TinyEngine({.prefill_chunk = 16});
  // given: a model that is kept from both until both are there
  std::promise<void> both;
  Listener of_first([ready = both.get_future().share()] { ready.wait(); });
  ASSERT_TRUE(engine->Generate(MakeRequest(Letters(5, 3), 1), of_first.MakeCallbacks()));
  std::vector<int> order;
  Listener of_long([&] { order.push_back(1); }), of_short([&] { order.push_back(2); });
  ASSERT_TRUE(engine->Generate(MakeRequest(Letters(450, 1), 1), of_long.MakeCallbacks()));
  ASSERT_TRUE(engine->Generate(MakeRequest(Letters(40, 2), 1), of_short.MakeCallbacks()));
  both.set_value();
  of_first.Wait();
  of_long.Wait();
  of_short.Wait();
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
}

TEST(PagingTest, WhatIsCancelledOrLateGivesItsPagesBackBeforeItsCallerHears) {
  const auto engine = TinyEngine({.max_context = 256, .max_pages = 20});
  std::optional<Handle> handle;
  std::promise<void> has_handle;
  std::shared_future<void> ready = has_handle.get_future().share();
  int said = 0;
  int64_t steps = 0;
  Listener cancelled([&] {
    ready.wait();
    if (++said == 100) {
      steps = engine->Stats().steps;
      handle->Cancel();
    }
  });
  Request request = MakeRequest(Letters(30, 1), 200);
  request.constraint = std::make_unique<OnlyThese>(PlainLetters(), 1000);
  const auto given = engine->Generate(std::move(request), cancelled.MakeCallbacks());
  ASSERT_TRUE(given);
  handle = *given;
  has_handle.set_value();
  EXPECT_EQ(cancelled.Wait().done->reason, FinishReason::kCancelled);
  EXPECT_EQ(said, 100);
  const EngineStats stats = engine->Stats();
  EXPECT_EQ(stats.pages_free + stats.pages_cached, 20);
  EXPECT_EQ(stats.cut_short, 1);
  EXPECT_EQ(stats.steps, steps + 1) << "the step that it was cancelled in was the last one";
  EXPECT_EQ(stats.active, 0);
}

TEST(PagingTest, WhatIsNoNumberDoesNotStay) {
  // A model that is broken for one step, as memory may be: what it computed then must not come back.
  struct Broken final : WrappedDecoder {
    using WrappedDecoder::WrappedDecoder;
    Result<std::span<float>> Forward(std::span<const model::Slice> slices) override {
      TRY_ASSIGN(std::span<float> logits, WrappedDecoder::Forward(slices));
      if (--breaks_in == 0) std::fill(logits.begin(), logits.end(), std::numeric_limits<float>::quiet_NaN());
      return logits;
    }
    std::atomic<int> breaks_in{0};
  };
  auto tokenizer = text::TinyTokenizer();
  auto decoder = std::make_unique<Broken>(model::TinyDecoder(tokenizer->vocab_size()));
  Broken& broken = *decoder;
  auto engine = Engine::Make(std::move(decoder), tokenizer, {text::kTinyEnd}, {.prefill_chunk = 16});
  ASSERT_TRUE(engine);
  broken.breaks_in = 4;  // after three pieces of the prompt, whose pages others may have by then
  EXPECT_EQ(Ask(**engine, MakeRequest(Letters(100, 5), 5)).error->code, Code::kInternal);
  EXPECT_EQ((*engine)->Stats().pages_cached, 0);
  EXPECT_EQ(Ask(**engine, MakeRequest(Letters(100, 5), 5)).done->usage.reused_tokens, 0);
  EXPECT_EQ(Ask(**engine, MakeRequest(Letters(100, 5), 5)).done->usage.reused_tokens, 96);
}

TEST(PagingTest, DecodeStepsRunAgainFromARecordingSayTheSame) {
  const auto tokenizer = text::TinyTokenizer();
  const model::ModelConfig config = model::TinyConfig(tokenizer->vocab_size());
  const EngineOptions options{.max_sequences = 8, .max_context = 256, .max_pages = 18, .prefill_chunk = 16};
  auto plain = Engine::Make(model::TinyAtenDecoder(config), tokenizer, {text::kTinyEnd}, options);
  const auto log = std::make_shared<model::RunnerLog>();
  auto recorded = Engine::Make(std::make_unique<model::GraphDecoder>(model::TinyAtenDecoder(config),
                                                                     std::make_unique<model::RememberingRunner>(log)),
                               tokenizer, {text::kTinyEnd}, options);
  ASSERT_TRUE(plain && recorded);
  const auto expected = AskTogether(**plain, Mixed(24));
  ExpectSame(AskTogether(**recorded, Mixed(24)), expected);
  ExpectSame(AskTogether(**recorded, Mixed(24)), expected);
  EXPECT_GT((*recorded)->Stats().preemptions, 0);
  EXPECT_GT(log->replays, 100);
  EXPECT_LT(log->captures, 20);
  EXPECT_EQ((*recorded)->info().compute, "fp32 with remembered steps");
}

// Where positions are turned by the sequence's length, only what is short enough is shared, and what is computed again
// is computed as it was.
TEST(PagingTest, ModelsThatTurnPositionsByLengthSayTheSame) {
  for (const model::RopeKind kind : {model::RopeKind::kDynamic, model::RopeKind::kLongRope}) {
    SCOPED_TRACE(model::RopeKindName(kind));
    const auto tokenizer = text::TinyTokenizer();
    model::ModelConfig config = model::TinyConfig(tokenizer->vocab_size());
    config.decoder.ropes = {{.kind = kind, .dims = 8, .factor = 4, .original_positions = 70}};
    if (kind == model::RopeKind::kLongRope) {
      config.decoder.ropes[0].short_divisors = {1, 1, 1, 1};
      config.decoder.ropes[0].long_divisors = {1, 2, 3, 4};
    }
    const auto make = [&](EngineOptions options) {
      auto decoder = model::LoadDecoder(config, *model::WeightsFromMap(model::TinyWeights(config)), {});
      EXPECT_TRUE(decoder) << ToString(decoder.error());
      return std::move(*Engine::Make(std::move(*decoder), tokenizer, {text::kTinyEnd}, options));
    };
    std::vector<Answer> expected;
    for (int i = 0; i < 16; ++i) {
      std::vector<Request> requests = Mixed(16);
      expected.push_back(Ask(*make({}), std::move(requests[static_cast<size_t>(i)])));
    }
    const auto engine = make({.max_sequences = 8, .max_context = 256, .max_pages = 18, .prefill_chunk = 16});
    ExpectSame(AskTogether(*engine, Mixed(16)), expected);
    ExpectSame(AskTogether(*engine, Mixed(16)), expected);
    EXPECT_GT(engine->Stats().preemptions, 0);
    const auto reused = [&](const std::string& prompt) {
      return Ask(*engine, MakeRequest(prompt, 1)).done->usage.reused_tokens;
    };
    const std::string beginning = Letters(70, 9);
    reused(beginning);
    EXPECT_EQ(reused(beginning), 64);
    EXPECT_EQ(reused(beginning + "a"), 0) << "it turns the same tokens otherwise";
  }
}

}  // namespace
}  // namespace troupe::engine
