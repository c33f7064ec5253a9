#include "runtime/model/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/model/tiny_decoder.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kVocab = 64;

std::vector<int32_t> Tokens(int32_t count, int32_t step) {
  std::vector<int32_t> tokens(count);
  for (int32_t i = 0; i < count; ++i) tokens[i] = (i * step + 3) % kVocab;
  return tokens;
}

at::Tensor Step(const DecoderModel& model, KvCache& cache, std::span<const int32_t> tokens, Logits logits) {
  const Slice slice{&cache, tokens, logits};
  auto result = model.Forward(std::span(&slice, 1));
  EXPECT_TRUE(result) << ToString(result.error());
  return *result;
}

double MaxDifference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

TEST(DecoderTest, TheSamePromptInAnyChunksGivesTheSameLogits) {
  const auto model = TinyDecoder(kVocab);
  const std::vector<int32_t> tokens = Tokens(300, 7);
  const auto whole_cache = model->NewCache(400);
  const at::Tensor whole = Step(*model, *whole_cache, tokens, Logits::kAll);
  ASSERT_EQ(whole.size(0), 300);
  for (size_t chunk : {1u, 37u, 256u}) {
    const auto cache = model->NewCache(400);
    std::vector<at::Tensor> parts;
    for (size_t at = 0; at < tokens.size(); at += chunk) {
      const auto part = std::span(tokens).subspan(at, std::min(chunk, tokens.size() - at));
      parts.push_back(Step(*model, *cache, part, Logits::kAll));
    }
    EXPECT_EQ(cache->length(), 300);
    EXPECT_LT(MaxDifference(at::cat(parts), whole), 1e-4) << chunk;
  }
}

TEST(DecoderTest, SequencesInOneStepDoNotSeeEachOther) {
  const auto model = TinyDecoder(kVocab);
  const std::vector<int32_t> a = Tokens(9, 5), b = Tokens(4, 11), c = Tokens(1, 1);
  const auto alone = [&](const std::vector<int32_t>& tokens) {
    const auto cache = model->NewCache(64);
    return Step(*model, *cache, tokens, Logits::kLast);
  };
  const auto cache_a = model->NewCache(64), cache_b = model->NewCache(64), cache_c = model->NewCache(64);
  const std::vector<Slice> slices{
      {cache_a.get(), a, Logits::kLast}, {cache_b.get(), b, Logits::kNone}, {cache_c.get(), c, Logits::kAll}};
  const auto together = model->Forward(slices);
  ASSERT_TRUE(together) << ToString(together.error());
  ASSERT_EQ(together->size(0), 2);
  EXPECT_LT(MaxDifference(together->narrow(0, 0, 1), alone(a)), 1e-5);
  EXPECT_LT(MaxDifference(together->narrow(0, 1, 1), alone(c)), 1e-5);
  EXPECT_EQ(cache_b->length(), 4);
}

TEST(DecoderTest, OrderMatters) {
  const auto model = TinyDecoder(kVocab);
  const auto first = model->NewCache(8), second = model->NewCache(8);
  const at::Tensor a = Step(*model, *first, std::vector<int32_t>{5, 6, 7}, Logits::kLast);
  const at::Tensor b = Step(*model, *second, std::vector<int32_t>{6, 5, 7}, Logits::kLast);
  EXPECT_GT(MaxDifference(a, b), 1e-3);
}

TEST(DecoderTest, ATruncatedCacheGoesOnAsIfTheRestHadNotBeen) {
  const auto model = TinyDecoder(kVocab);
  const auto cache = model->NewCache(64), fresh = model->NewCache(64);
  Step(*model, *cache, Tokens(6, 5), Logits::kNone);
  Step(*model, *cache, std::vector<int32_t>{1, 2, 3}, Logits::kNone);
  cache->Truncate(6);
  Step(*model, *fresh, Tokens(6, 5), Logits::kNone);
  const std::vector<int32_t> next{9};
  EXPECT_EQ(MaxDifference(Step(*model, *cache, next, Logits::kLast), Step(*model, *fresh, next, Logits::kLast)), 0);
}

TEST(DecoderTest, BadStepsAreErrorsAndLeaveTheCacheAsItWas) {
  const auto model = TinyDecoder(kVocab);
  const auto cache = model->NewCache(8);
  const auto code = [&](std::vector<int32_t> tokens) {
    const Slice slice{cache.get(), tokens, Logits::kLast};
    const auto result = model->Forward(std::span(&slice, 1));
    return result ? Code::kOk : result.error().code;
  };
  EXPECT_EQ(code({kVocab}), Code::kInvalidArgument);
  EXPECT_EQ(code({-1}), Code::kInvalidArgument);
  EXPECT_EQ(code({}), Code::kInvalidArgument);
  EXPECT_EQ(code(Tokens(9, 1)), Code::kResourceExhausted);
  EXPECT_EQ(code(Tokens(513, 1)), Code::kOutOfRange);
  EXPECT_EQ(cache->length(), 0);
  EXPECT_EQ(code(Tokens(8, 1)), Code::kOk);
  EXPECT_EQ(code({1}), Code::kResourceExhausted);
}

TEST(DecoderTest, AMissingOrMisshapenWeightIsNamed) {
  const ModelConfig config = TinyConfig(kVocab);
  auto weights = TinyWeights(config);
  weights.erase("model.layers.1.mlp.up_proj.weight");
  const auto missing = DecoderModel::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("model.layers.1.mlp.up_proj.weight"));

  weights = TinyWeights(config);
  weights["model.norm.weight"] = weights["model.norm.weight"].narrow(0, 0, 31);
  const auto misshapen = DecoderModel::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(misshapen);
  EXPECT_THAT(misshapen.error().message, HasSubstr("[31]"));
}

TEST(DecoderTest, AWeightThatNoModelOfThisKindHasIsNamed) {
  const ModelConfig config = TinyConfig(kVocab);
  auto weights = TinyWeights(config);
  weights["model.layers.0.self_attn.q_norm.weight"] = weights["model.norm.weight"];
  const auto more = DecoderModel::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kUnimplemented);
  EXPECT_THAT(more.error().message, HasSubstr("model.layers.0.self_attn.q_norm.weight"));
}

TEST(DecoderTest, ASlidingWindowForgetsWhatIsOutsideOfIt) {
  ModelConfig config = TinyConfig(kVocab);
  config.layers = 1;
  config.decoder.layers = {{.rope = 0, .window = 5}};
  auto weights = TinyWeights(config);
  const auto model = DecoderModel::Load(config, *WeightsFromMap(weights), {});
  ASSERT_TRUE(model) << ToString(model.error());
  std::vector<int32_t> a = Tokens(20, 7), b = a;
  b[14] = (a[14] + 1) % kVocab;
  const auto last = [&](const std::vector<int32_t>& tokens) {
    const auto cache = (*model)->NewCache(64);
    return Step(**model, *cache, tokens, Logits::kLast);
  };
  EXPECT_EQ(MaxDifference(last(a), last(b)), 0);  // the last token sees those from 15 on
  b[15] = (a[15] + 1) % kVocab;
  EXPECT_GT(MaxDifference(last(a), last(b)), 1e-4);
}

TEST(DecoderTest, Bf16StaysCloseToFp32) {
  const ModelConfig config = TinyConfig(kVocab);
  const auto weights = WeightsFromMap(TinyWeights(config));
  const auto wide = DecoderModel::Load(config, *weights, {c10::kCPU, at::kFloat});
  const auto narrow = DecoderModel::Load(config, *weights, {c10::kCPU, at::kBFloat16});
  ASSERT_TRUE(wide && narrow);
  const auto a = (*wide)->NewCache(64), b = (*narrow)->NewCache(64);
  const at::Tensor x = Step(**wide, *a, Tokens(20, 7), Logits::kAll);
  const at::Tensor y = Step(**narrow, *b, Tokens(20, 7), Logits::kAll);
  EXPECT_LT((x - y).abs().max().item<double>(), 0.05 * x.abs().max().item<double>());
}

}  // namespace
}  // namespace troupe::model
