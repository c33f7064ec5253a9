#include "runtime/engine/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "runtime/device/grant.h"
#include "runtime/engine/page_pool.h"
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

constexpr auto kBf16 = model::WeightFormat::kBf16;

TEST(RoomThatFits, IsWhatWasWantedWhereThereIsEnough) {
  const model::DecoderBytes bytes = BytesOf(Billion(), kBf16);
  for (const auto& device : {Granted(0), Granted(6 * kGib)}) {
    const auto room = RoomThatFits(bytes, 4, 8192, 0, device);
    ASSERT_TRUE(room) << ToString(room.error());
    EXPECT_EQ(room->context, 8192);
    EXPECT_EQ(room->pages, 4 * 512);
  }
  EXPECT_EQ(RoomThatFits(bytes, 3, 100, 0, Granted(0))->pages, 3 * 7);
}

TEST(RoomThatFits, OneSequenceOfTheLongestAlwaysFits) {
  // given
  const model::ModelConfig config = Billion();
  const model::DecoderBytes bytes = BytesOf(config, kBf16);
  std::mt19937_64 random(1);
  int refused = 0, cut = 0;
  for (int i = 0; i < 2000; ++i) {
    SCOPED_TRACE("seed 1, case " + std::to_string(i));
    const int64_t granted = 2 * kGib + static_cast<int64_t>(random() % (6 * kGib));
    const auto slots = static_cast<int64_t>(1 + random() % 64);
    const auto kind = random() % 2 == 0 ? device::Kind::kCpu : device::Kind::kCuda;
    const int64_t max_pages = random() % 2 == 0 ? 0 : static_cast<int64_t>(1 + random() % 10'000);
    // when
    const auto room = RoomThatFits(bytes, slots, config.max_positions, max_pages, Granted(granted, kind));
    // then
    const double own = kind == device::Kind::kCuda ? static_cast<double>(device::kCudaOwnBytes) : 0;
    const double usable = (static_cast<double>(granted) - own) * 0.9;
    const auto needed = [&](int64_t pages) {
      return static_cast<double>(bytes.weights) + static_cast<double>(bytes.page) * static_cast<double>(pages);
    };
    if (!room) {
      ++refused;
      EXPECT_EQ(room.error().code, Code::kResourceExhausted);
      EXPECT_GT(needed(PagesFor(kLeastContext)), usable) << "refused though it fits";
      continue;
    }
    EXPECT_LE(needed(room->pages), usable + 1);
    EXPECT_GE(room->context, kLeastContext);
    EXPECT_LE(PagesFor(room->context), room->pages);
    const int64_t most = max_pages == 0 ? INT64_MAX : std::max(max_pages, PagesFor(kLeastContext));
    EXPECT_LE(room->pages, most);
    if (room->context == config.max_positions) continue;
    ++cut;
    EXPECT_EQ(room->context, room->pages * kPageTokens);
    EXPECT_TRUE(room->pages == most || needed(room->pages + 1) > usable - 1) << "less than fits";
  }
  EXPECT_GT(refused, 10);
  EXPECT_GT(cut, 100);
}

TEST(RoomThatFits, PagesTakePartOfWhatIsFreeWhereNothingIsGranted) {
  const model::DecoderBytes bytes = BytesOf(Billion(), kBf16);
  device::Device device;
  device.memory_free_bytes = bytes.weights + 8 * kGib;
  EXPECT_EQ(RoomThatFits(bytes, 1024, 131'072, 0, device)->pages, 2 * kGib / bytes.page);
  EXPECT_EQ(RoomThatFits(bytes, 1024, 131'072, 0, device)->context, 2 * kGib / bytes.page * kPageTokens);
  device.kind = device::Kind::kCuda;
  EXPECT_EQ(RoomThatFits(bytes, 1024, 131'072, 0, device)->pages, 8 * kGib * 60 / 100 / bytes.page);
  // nothing was promised, so the least is tried
  device.memory_free_bytes = 1;
  EXPECT_EQ(RoomThatFits(bytes, 8, 131'072, 0, device)->context, kLeastContext);
}

TEST(RoomThatFits, RefusesWithWhatItNeedsAndWhatIsGranted) {
  const auto refused = RoomThatFits(BytesOf(Billion(), kBf16), 16, 8192, 0, Granted(2 * kGib, device::Kind::kCuda));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("the model needs 2.6 GiB (weights 1.9 GiB, a sequence of 256 tokens "
                                                 "8 MiB, to compute with 221 MiB, CUDA itself 512 MiB), granted are "
                                                 "2.0 GiB of NVIDIA-L4; grant the agent more memory, or take a"));
}

TEST(RoomThatFits, AConfigurationOfAnySizeIsRefusedAndOverflowsNothing) {
  model::ModelConfig config = Billion();
  config.hidden = config.heads = config.kv_heads = config.head_dim = config.ffn = config.vocab_size = 1 << 24;
  config.layers = 1024;
  EXPECT_EQ(model::ParametersOf(config), model::kMostNumbers);
  const auto refused = RoomThatFits(BytesOf(config, model::WeightFormat::kF32), 1024, 1 << 24, 0, Granted(20 * kGib));
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
  // given: room for the weights and 20 pages, 320 tokens of the 512 that the model knows
  const auto decoder = model::TinyDecoder(text::TinyTokenizer()->vocab_size());
  EngineOptions options{.max_sequences = 4};
  const int64_t bytes = decoder->weight_bytes() + 20 * decoder->page_bytes();
  options.device = Granted(bytes * 100 / (100 - kSparePercent) + 1024);
  // when
  const auto engine = TinyEngine(options);
  // then
  EXPECT_EQ(engine->info().max_context, 320);
  EXPECT_EQ(engine->Stats().pages_total, 20);
  Listener listener;
  const auto refused = engine->Generate(MakeRequest(std::string(400, 'a')), listener.MakeCallbacks());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kOutOfRange);
  EXPECT_THAT(refused.error().message, HasSubstr("or grant the agent more memory"));
  EXPECT_EQ(Ask(*engine, MakeRequest("tell me", 500)).tokens.size(), 313u);
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
