#include "runtime/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <limits>
#include <numeric>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/unit/engine/fixture.h"
#include "tests/unit/engine/gate.h"
#include "tests/unit/engine/wrapped_decoder.h"

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

TEST(EngineTest, AnswersWithTokensTextAndUsage) {
  const auto engine = TinyEngine();
  const Answer answer = Ask(*engine, MakeRequest("tell me", 12));
  ASSERT_TRUE(answer.done);
  EXPECT_EQ(answer.done->reason, FinishReason::kLength);
  EXPECT_EQ(answer.tokens.size(), 12u);
  EXPECT_EQ(answer.done->usage.prompt_tokens, 7);
  EXPECT_EQ(answer.done->usage.generated_tokens, 12);
  EXPECT_EQ(answer.done->usage.committed_tokens, 0);
}

TEST(EngineTest, ManyInOneBatchAnswerAsEachWouldAlone) {
  const auto request = [](int i) {
    Request made = MakeRequest(std::string(static_cast<size_t>(3 + 17 * i), static_cast<char>('a' + i)), 10 + i);
    made.sampling.temperature = i % 2 == 0 ? 0.0f : 0.8f;
    made.sampling.seed = static_cast<uint64_t>(i);
    return made;
  };
  std::vector<Answer> alone;
  {
    const auto engine = TinyEngine();
    for (int i = 0; i < 9; ++i) alone.push_back(Ask(*engine, request(i)));
  }
  // Places for 4 of 9 and prompts in pieces of 16: sequences come and go while others run.
  const auto engine = TinyEngine({.max_sequences = 4, .prefill_chunk = 16});
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < 9; ++i) {
    listeners.push_back(std::make_unique<Listener>());
    ASSERT_TRUE(engine->Generate(request(i), listeners.back()->MakeCallbacks()));
  }
  for (int i = 0; i < 9; ++i) {
    SCOPED_TRACE(i);
    const Answer& answer = listeners[i]->Wait();
    EXPECT_EQ(answer.tokens, alone[i].tokens);
    EXPECT_EQ(answer.text, alone[i].text);
  }
}

TEST(EngineTest, CancelEndsItAndFreesItsPlace) {
  const auto engine = TinyEngine({.max_sequences = 1, .max_queued = 1});
  Gate gate;
  Listener first(gate.Hold());
  const auto handle = engine->Generate(MakeRequest("a", 400), first.MakeCallbacks());
  ASSERT_TRUE(handle);
  gate.WaitUntilHeld();
  Listener second;
  ASSERT_TRUE(engine->Generate(MakeRequest("b", 2), second.MakeCallbacks()));

  handle->Cancel();
  gate.Open();

  const Answer& answer = first.Wait();
  ASSERT_TRUE(answer.done);
  EXPECT_EQ(answer.done->reason, FinishReason::kCancelled);
  EXPECT_EQ(answer.tokens.size(), 1u);
  EXPECT_EQ(second.Wait().done->reason, FinishReason::kLength);
}

TEST(EngineTest, ThoseWhoShareStepsShareTheirTime) {
  // Moved by the model's steps alone, read by callers too.
  struct StepClock final : Clock {
    UnixMs NowMs() const override { return ms; }
    int64_t MonotonicNs() const override { return ms * 1'000'000; }
    std::atomic<int64_t> ms = 0;
  };
  struct Timed final : WrappedDecoder {
    Timed(std::unique_ptr<model::Decoder> inner, StepClock& clock) : WrappedDecoder(std::move(inner)), clock(clock) {}
    Result<std::span<float>> Forward(std::span<const model::Slice> slices) override {
      clock.ms += 8;
      return WrappedDecoder::Forward(slices);
    }
    StepClock& clock;
  };
  StepClock clock;
  const auto tokenizer = text::TinyTokenizer();
  const auto engine =
      std::move(*Engine::Make(std::make_unique<Timed>(model::TinyDecoder(tokenizer->vocab_size()), clock), tokenizer,
                              {text::kTinyEnd}, {.max_sequences = 8, .clock = &clock}));
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < 8; ++i) {
    listeners.push_back(std::make_unique<Listener>());
    ASSERT_TRUE(engine->Generate(MakeRequest("abc", 20 + i), listeners.back()->MakeCallbacks()));
  }
  double device_ms = 0;
  for (const auto& listener : listeners) {
    const Answer& answer = listener->Wait();
    ASSERT_TRUE(answer.done);
    EXPECT_GT(answer.done->usage.device_ms, 0);
    device_ms += answer.done->usage.device_ms;
  }
  EXPECT_NEAR(device_ms, static_cast<double>(clock.ms), 1e-6);
}

TEST(EngineTest, AFullQueueRefusesAtOnceWithATimeToWait) {
  const auto engine = TinyEngine({.max_sequences = 1, .max_queued = 2});
  Gate gate;
  Listener running(gate.Hold());
  ASSERT_TRUE(engine->Generate(MakeRequest("a", 3), running.MakeCallbacks()));
  gate.WaitUntilHeld();
  Listener one, two, three;
  ASSERT_TRUE(engine->Generate(MakeRequest("b", 3), one.MakeCallbacks()));
  ASSERT_TRUE(engine->Generate(MakeRequest("c", 3), two.MakeCallbacks()));
  EXPECT_EQ(engine->Stats().queued, 2);
  EXPECT_EQ(engine->Stats().active, 1);

  const auto refused = engine->Generate(MakeRequest("d", 3), three.MakeCallbacks());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_GT(refused.error().retry_after_ms, 0);
  gate.Open();
  EXPECT_TRUE(running.Wait().done);
  EXPECT_TRUE(one.Wait().done);
  EXPECT_TRUE(two.Wait().done);
}

TEST(EngineTest, HigherPriorityGoesFirst) {
  const auto engine = TinyEngine({.max_sequences = 1});
  Gate gate;
  Listener running(gate.Hold());
  ASSERT_TRUE(engine->Generate(MakeRequest("a", 3), running.MakeCallbacks()));
  gate.WaitUntilHeld();
  std::vector<int> order;
  Listener low([&] { order.push_back(0); }), high([&] { order.push_back(5); });
  Request important = MakeRequest("c", 1);
  important.priority = 5;
  ASSERT_TRUE(engine->Generate(MakeRequest("b", 1), low.MakeCallbacks()));
  ASSERT_TRUE(engine->Generate(std::move(important), high.MakeCallbacks()));
  gate.Open();
  low.Wait();
  high.Wait();
  EXPECT_EQ(order, (std::vector<int>{5, 0}));
}

TEST(EngineTest, ADeadlineEndsTheRequest) {
  // Time passes only where the test moves it, which it does on the model thread.
  ManualClock clock;
  clock.Advance(1000);
  const auto engine = TinyEngine({.clock = &clock});
  Listener listener([&clock] { clock.Advance(10); });
  Request request = MakeRequest("a", 400);
  request.deadline_ns = clock.MonotonicNs() + 55'000'000;
  ASSERT_TRUE(engine->Generate(std::move(request), listener.MakeCallbacks()));
  const Answer& answer = listener.Wait();
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->code, Code::kDeadlineExceeded);
  EXPECT_EQ(answer.tokens.size(), 6u);
}

TEST(EngineTest, BadRequestsAreRefusedAtOnceNamingTheField) {
  const auto engine = TinyEngine();
  Listener listener;
  const auto refusal = [&](Request request) {
    const auto handle = engine->Generate(std::move(request), listener.MakeCallbacks());
    EXPECT_FALSE(handle);
    return handle ? Error{} : handle.error();
  };
  EXPECT_THAT(refusal(MakeRequest("")).message, HasSubstr("prompt is empty"));
  EXPECT_THAT(refusal(MakeRequest("a", 0)).message, HasSubstr("max_new_tokens"));
  Request outside = MakeRequest("a");
  outside.prompt.push_back(9999);
  EXPECT_THAT(refusal(std::move(outside)).message, HasSubstr("9999"));
  Request hot = MakeRequest("a");
  hot.sampling.temperature = -1;
  EXPECT_THAT(refusal(std::move(hot)).message, HasSubstr("temperature"));
  const auto no_callbacks = engine->Generate(MakeRequest("a"), {});
  EXPECT_EQ(no_callbacks.error().code, Code::kInvalidArgument);
}

TEST(EngineTest, APromptThatLeavesNoRoomIsRefusedAndAShortRoomIsUsedUp) {
  const auto engine = TinyEngine({.max_context = 40});
  Listener listener;
  const auto refused = engine->Generate(MakeRequest(std::string(40, 'a')), listener.MakeCallbacks());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kOutOfRange);
  EXPECT_THAT(refused.error().message, HasSubstr("40"));

  const Answer answer = Ask(*engine, MakeRequest(std::string(30, 'a'), 100));
  EXPECT_EQ(answer.done->reason, FinishReason::kLength);
  EXPECT_EQ(answer.tokens.size(), 10u);
}

TEST(EngineTest, StopStringsEndTheTextBeforeThem) {
  const auto engine = TinyEngine();
  Request request = MakeRequest("hello", 40);
  request.constraint = std::make_unique<OnlyThese>(PlainLetters(), 1000);
  const Answer whole = Ask(*engine, std::move(request));
  ASSERT_EQ(whole.text.size(), 40u);
  const std::string stop = whole.text.substr(20, 3);
  const std::string expected = whole.text.substr(0, whole.text.find(stop));

  Request stopped = MakeRequest("hello", 40);
  stopped.constraint = std::make_unique<OnlyThese>(PlainLetters(), 1000);
  stopped.sampling.stop = {stop};
  const Answer answer = Ask(*engine, std::move(stopped));
  EXPECT_EQ(answer.text, expected);
  EXPECT_EQ(answer.done->reason, FinishReason::kStop);
  EXPECT_EQ(answer.done->stop, stop);
}

TEST(EngineTest, AnEndTokenEndsTheTextAndIsNotShown) {
  const auto engine = TinyEngine();
  Request request = MakeRequest("hello", 40);
  request.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{text::kTinyEnd}, 1000);
  const Answer answer = Ask(*engine, std::move(request));
  EXPECT_EQ(answer.done->reason, FinishReason::kStop);
  EXPECT_EQ(answer.text, "");
  EXPECT_EQ(answer.done->usage.generated_tokens, 0);
}

TEST(EngineTest, WithIgnoreEndTheAnswerHasAllItsTokens) {
  // Every token ends a text.
  auto tokenizer = text::TinyTokenizer();
  const int32_t vocab = tokenizer->vocab_size();
  std::vector<TokenId> ends(static_cast<size_t>(vocab));
  std::iota(ends.begin(), ends.end(), 0);
  const auto engine = Engine::Make(model::TinyDecoder(vocab), std::move(tokenizer), ends, {});
  ASSERT_TRUE(engine);
  EXPECT_EQ(Ask(**engine, MakeRequest("hello", 9)).tokens.size(), 0u);

  Request request = MakeRequest("hello", 9);
  request.ignore_end = true;
  const Answer answer = Ask(**engine, std::move(request));

  EXPECT_EQ(answer.done->reason, FinishReason::kLength);
  EXPECT_EQ(answer.tokens.size(), 9u);
}

TEST(EngineTest, IgnoreEndAndAConstraintAreRefusedTogether) {
  const auto engine = TinyEngine();
  Listener listener;
  Request request = MakeRequest("hello");
  request.ignore_end = true;
  request.constraint = std::make_unique<OnlyThese>(PlainLetters(), 1000);
  const auto refused = engine->Generate(std::move(request), listener.MakeCallbacks());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("ignore_end"));
}

TEST(EngineTest, LogprobsAreOfTheModelsOwnDistribution) {
  const auto engine = TinyEngine();
  Request request = MakeRequest("hello", 5);
  request.sampling.logprobs = 3;
  const Answer answer = Ask(*engine, std::move(request));
  ASSERT_EQ(answer.details.size(), 5u);
  for (const GeneratedToken& token : answer.details) {
    ASSERT_EQ(token.top.size(), 3u);
    // Greedy: the likeliest was chosen.
    EXPECT_EQ(token.top[0].id, token.id);
    EXPECT_EQ(token.top[0].logprob, token.logprob);
    EXPECT_LT(token.logprob, 0);
    EXPECT_GE(token.top[0].logprob, token.top[1].logprob);
  }
}

TEST(EngineTest, NanLogitsFailTheirRequestOnly) {
  // Token 'z' has an embedding that is no number: whoever says it is poisoned, nobody else.
  const auto tokenizer = text::TinyTokenizer();
  model::ModelConfig config = model::TinyConfig(tokenizer->vocab_size());
  auto weights = model::TinyWeights(config);
  float* row = weights["model.embed_tokens.weight"].data_ptr<float>() + 'z' * config.hidden;
  std::fill(row, row + config.hidden, std::numeric_limits<float>::quiet_NaN());
  auto model = model::LoadDecoder(config, *model::WeightsFromMap(std::move(weights)), {});
  ASSERT_TRUE(model);
  auto engine = Engine::Make(std::move(*model), tokenizer, {text::kTinyEnd}, {});
  ASSERT_TRUE(engine);
  Listener good, bad;
  Request sane = MakeRequest("abc", 20);
  sane.constraint = std::make_unique<OnlyThese>(std::set<TokenId>{'a', 'b', 'c'}, 1000);
  ASSERT_TRUE((*engine)->Generate(std::move(sane), good.MakeCallbacks()));
  ASSERT_TRUE((*engine)->Generate(MakeRequest("xyz", 20), bad.MakeCallbacks()));
  ASSERT_TRUE(bad.Wait().error);
  EXPECT_EQ(bad.Wait().error->code, Code::kInternal);
  ASSERT_TRUE(good.Wait().done);
  EXPECT_EQ(good.Wait().tokens.size(), 20u);
}

TEST(EngineTest, AStepWithoutMemoryFailsOnlyThoseThatAloneAreTooMuch) {
  // A device with memory for so many tokens in a step.
  struct Small final : WrappedDecoder {
    using WrappedDecoder::WrappedDecoder;
    Result<std::span<float>> Forward(std::span<const model::Slice> slices) override {
      size_t tokens = 0;
      for (const model::Slice& slice : slices) tokens += slice.tokens.size();
      if (tokens > 24) return Exhausted("no memory for " + std::to_string(tokens) + " tokens");
      return WrappedDecoder::Forward(slices);
    }
  };
  const auto tokenizer = text::TinyTokenizer();
  const auto make = [&](std::unique_ptr<model::Decoder> decoder) {
    return std::move(*Engine::Make(std::move(decoder), tokenizer, {text::kTinyEnd}, {.prefill_chunk = 48}));
  };
  const auto whole = make(model::TinyDecoder(tokenizer->vocab_size()));
  const auto engine = make(std::make_unique<Small>(model::TinyDecoder(tokenizer->vocab_size())));
  // given: three that run, and a prompt that is too much, all in one step
  const std::string prompts[] = {"first prompt", "second one", "and a third"};
  Gate gate;
  Listener holding(gate.Hold());
  ASSERT_TRUE(engine->Generate(MakeRequest("a", 1), holding.MakeCallbacks()));
  gate.WaitUntilHeld();
  std::array<Listener, 3> fitting;
  for (size_t i = 0; i < fitting.size(); ++i) {
    ASSERT_TRUE(engine->Generate(MakeRequest(prompts[i], 30), fitting[i].MakeCallbacks()));
  }
  Listener large;
  ASSERT_TRUE(engine->Generate(MakeRequest(std::string(200, 'x'), 30), large.MakeCallbacks()));
  gate.Open();
  // then: that one hears of it, the others say what they would have said
  ASSERT_TRUE(large.Wait().error);
  EXPECT_EQ(large.Wait().error->code, Code::kResourceExhausted);
  for (size_t i = 0; i < fitting.size(); ++i) {
    ASSERT_TRUE(fitting[i].Wait().done) << ToString(*fitting[i].Wait().error);
    EXPECT_EQ(fitting[i].Wait().tokens, Ask(*whole, MakeRequest(prompts[i], 30)).tokens);
  }
}

TEST(EngineTest, StopEndsWhatRunsAndWaitsAndRefusesTheRest) {
  // given: one runs and is held, one waits, and there is room for no more
  const auto engine = TinyEngine({.max_sequences = 1, .max_queued = 1});
  Gate gate;
  Listener running(gate.Hold()), waiting, late;
  ASSERT_TRUE(engine->Generate(MakeRequest("a", 400), running.MakeCallbacks()));
  gate.WaitUntilHeld();
  ASSERT_TRUE(engine->Generate(MakeRequest("b", 400), waiting.MakeCallbacks()));
  // when: it stops, and only then is the first let go
  std::thread stopper([&] { engine->Stop(); });
  EXPECT_TRUE(Eventually("it refuses because it stops, not because it is full", [&] {
    return engine->Generate(MakeRequest("c"), late.MakeCallbacks()).error().code == Code::kUnavailable;
  }));
  gate.Open();
  stopper.join();
  // then
  EXPECT_EQ(running.Wait().done->reason, FinishReason::kCancelled);
  EXPECT_EQ(waiting.Wait().done->reason, FinishReason::kCancelled);
  EXPECT_EQ(engine->Generate(MakeRequest("c"), late.MakeCallbacks()).error().code, Code::kUnavailable);
}

TEST(EngineTest, StatsCountTokens) {
  const auto engine = TinyEngine();
  Ask(*engine, MakeRequest("abc", 4));
  Ask(*engine, MakeRequest("defg", 6));
  engine->Stop();
  const EngineStats stats = engine->Stats();
  EXPECT_EQ(stats.prompt_tokens, 7);
  EXPECT_EQ(stats.generated_tokens, 10);
  EXPECT_EQ(stats.active, 0);
}

TEST(EngineTest, WrongOptionsAreRefused) {
  EXPECT_EQ(Engine::Load("/nowhere.gguf", {.max_sequences = 0}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Engine::Load("/nowhere.gguf", {}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace troupe::engine
