#include "runtime/engine/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "runtime/device/grant.h"
#include "runtime/model/size.h"
#include "tests/unit/engine/fixture.h"
#include "tests/unit/model/models.h"
#include "tests/unit/model/tiny_bert.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::engine {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMib = int64_t{1} << 20;
constexpr int64_t kGib = int64_t{1} << 30;

device::Device Granted(int64_t bytes, device::Kind kind = device::Kind::kCpu) {
  device::Device device;
  device.kind = kind;
  device.product = kind == device::Kind::kCpu ? "cpu" : "NVIDIA-L4";
  device.memory_total_bytes = 24 * kGib;
  device.memory_granted_bytes = bytes;
  return device;
}

// A billion weights, nearly: 1.9 GiB in bf16, and 32 KiB for a token.
model::ModelConfig Billion() {
  model::ModelConfig config = model::TinyConfig(128'000);
  config.hidden = 2048;
  config.layers = 16;
  config.heads = 32;
  config.kv_heads = 8;
  config.head_dim = 64;
  config.ffn = 6144;
  config.max_positions = 131'072;
  config.decoder.tied_embeddings = true;
  return config;
}

TEST(ContextThatFits, IsWhatWasWantedWhereNothingOrEnoughIsGranted) {
  EXPECT_EQ(*ContextThatFits(Billion(), 2, 1024, 131'072, Granted(0)), 131'072);
  EXPECT_EQ(*ContextThatFits(Billion(), 2, 4, 8192, Granted(6 * kGib)), 8192);
}

TEST(ContextThatFits, GivesWaySoThatAllSlotsCanBeUsedAtOnce) {
  // given
  const model::ModelConfig config = Billion();
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const int64_t granted = 2 * kGib + static_cast<int64_t>(random() % (22 * kGib));
    const auto slots = static_cast<int64_t>(1 + random() % 64);
    const auto kind = random() % 2 == 0 ? device::Kind::kCpu : device::Kind::kCuda;
    // when
    const auto context = ContextThatFits(config, 2, slots, config.max_positions, Granted(granted, kind));
    // then
    const double own = kind == device::Kind::kCuda ? static_cast<double>(device::kCudaOwnBytes) : 0;
    const double usable = (static_cast<double>(granted) - own) * 0.9;
    const auto needed = [&](int64_t tokens) {
      return 2.0 * static_cast<double>(model::ParametersOf(config)) +
             2.0 * static_cast<double>(model::CacheNumbersOf(config)) * static_cast<double>(slots * tokens);
    };
    if (!context) {
      EXPECT_EQ(context.error().code, Code::kResourceExhausted);
      EXPECT_GT(needed(kLeastContext), usable) << "refused though it fits; seed 1, case " << i;
      continue;
    }
    EXPECT_GE(*context, kLeastContext);
    EXPECT_LE(needed(*context), usable + 1) << "seed 1, case " << i;
    if (*context == config.max_positions) continue;
    EXPECT_GT(needed(*context + 1), usable - 1) << "less than fits; seed 1, case " << i;
  }
}

TEST(ContextThatFits, RefusesWithWhatItNeedsAndWhatIsGranted) {
  const auto refused = ContextThatFits(Billion(), 2, 16, 8192, Granted(2 * kGib, device::Kind::kCuda));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("the model needs 2.8 GiB (weights 1.9 GiB, 16 sequences of 256 "
                                                 "tokens 128 MiB, to compute with 234 MiB, CUDA itself 512 MiB), "
                                                 "granted are 2.0 GiB of NVIDIA-L4; grant the agent more memory"));
}

TEST(ContextThatFits, AConfigurationOfAnySizeIsRefusedAndOverflowsNothing) {
  model::ModelConfig config = Billion();
  config.hidden = config.heads = config.kv_heads = config.head_dim = config.ffn = config.vocab_size = 1 << 24;
  config.layers = 1024;
  EXPECT_EQ(model::ParametersOf(config), model::kMostNumbers);
  const auto refused = ContextThatFits(config, 4, 1024, 1 << 24, Granted(20 * kGib));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
}

TEST(BatchThatFits, GivesWayDownToOneText) {
  const model::ModelConfig config = model::TinyBertConfig();
  const int64_t weights = 4 * model::ParametersOf(config);
  EXPECT_EQ(*BatchThatFits(config, 32, 8192, Granted(0)), 8192);
  EXPECT_EQ(*BatchThatFits(config, 32, 8192, Granted(kGib)), 8192);
  const auto few = BatchThatFits(config, 32, 8192, Granted(weights + kMib));
  ASSERT_TRUE(few) << ToString(few.error());
  EXPECT_LT(*few, 8192);
  EXPECT_GE(*few, 32);
  // a token takes 1,216 bytes: half a text is not enough
  EXPECT_EQ(*BatchThatFits(config, 32, 8192, Granted((weights + 33 * 1216) * 10 / 9 + 1)), 33);
  EXPECT_FALSE(BatchThatFits(config, 32, 8192, Granted((weights + 16 * 1216) * 10 / 9)));
  const auto refused = BatchThatFits(config, 32, 8192, Granted(weights));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("a text of 32 tokens"));
}

TEST(EngineFit, AnEngineKeepsToWhatItIsGranted) {
  // given: room for the weights and 300 tokens for each of four, of the 512 that the model knows
  const model::ModelConfig config = model::TinyConfig(text::TinyTokenizer()->vocab_size());
  const int64_t bytes = 4 * (model::ParametersOf(config) + 4 * 300 * model::CacheNumbersOf(config));
  EngineOptions options{.max_sequences = 4};
  options.device = Granted(bytes * 100 / (100 - kSparePercent) + 1024);
  // when
  const auto engine = TinyEngine(options);
  // then
  EXPECT_GE(engine->info().max_context, 300);
  EXPECT_LT(engine->info().max_context, 310);
  Listener listener;
  const auto refused = engine->Generate(MakeRequest(std::string(400, 'a')), listener.MakeCallbacks());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kOutOfRange);
  EXPECT_THAT(refused.error().message, HasSubstr("or grant the agent more memory"));
  EXPECT_EQ(Ask(*engine, MakeRequest("tell me", 12)).tokens.size(), 12u);
}

TEST(EngineFit, OneThatDoesNotFitIsRefusedOnTheCpuToo) {
  EngineOptions options;
  options.device = Granted(64 << 10);
  auto tokenizer = text::TinyTokenizer();
  const int32_t vocab = tokenizer->vocab_size();
  const auto engine = Engine::Make(model::TinyDecoder(vocab), std::move(tokenizer), {text::kTinyEnd}, options);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, Code::kResourceExhausted);
  EXPECT_THAT(engine.error().message, HasSubstr("granted are 1 MiB of cpu"));
}

TEST(EngineFit, ARealModelIsRefusedBeforeItIsLoaded) {
  SKIP_WITHOUT(model::SmolLm2());
  // 135 million weights, 257 MiB in bf16 and 513 in fp32
  const auto refused = Engine::Load(model::SmolLm2(), {.compute = Compute::kBf16, .device = Granted(256 * kMib)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("weights 257 MiB"));
  EXPECT_THAT(refused.error().message, HasSubstr("granted are 256 MiB of cpu"));
}

}  // namespace
}  // namespace troupe::engine
