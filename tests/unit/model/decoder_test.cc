#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "runtime/model/aten_decoder.h"
#include "runtime/model/decoder_bytes.h"
#include "tests/unit/model/pages.h"
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

double MaxDifference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

TEST(DecoderTest, TheSamePromptInAnyChunksGivesTheSameLogits) {
  const auto model = TinyDecoder(kVocab);
  const std::vector<int32_t> tokens = Tokens(300, 7);
  Pages pages(*model, 4 * 320);
  PagedSequence at_once = pages.New(300);
  const at::Tensor whole = Step(*model, at_once, tokens, Logits::kAll);
  ASSERT_EQ(whole.size(0), 300);
  for (size_t chunk : {1u, 37u, 256u}) {
    PagedSequence sequence = pages.New(300);
    std::vector<at::Tensor> parts;
    for (size_t at = 0; at < tokens.size(); at += chunk) {
      const auto part = std::span(tokens).subspan(at, std::min(chunk, tokens.size() - at));
      parts.push_back(Step(*model, sequence, part, Logits::kAll));
    }
    EXPECT_LT(MaxDifference(at::cat(parts), whole), 1e-4) << chunk;
  }
}

TEST(DecoderTest, SequencesInOneStepDoNotSeeEachOther) {
  const auto model = TinyDecoder(kVocab);
  const std::vector<int32_t> a = Tokens(9, 5), b = Tokens(4, 11), c = Tokens(1, 1);
  const auto alone = [&](const std::vector<int32_t>& tokens) {
    Pages pages(*model, 64);
    PagedSequence sequence = pages.New(64);
    return Step(*model, sequence, tokens);
  };
  Pages pages(*model, 3 * 64);
  const PagedSequence sequence_a = pages.New(64), sequence_b = pages.New(64), sequence_c = pages.New(64);
  const std::vector<Slice> slices{sequence_a.Next(a), sequence_b.Next(b, Logits::kNone),
                                  sequence_c.Next(c, Logits::kAll)};
  const at::Tensor together = Step(*model, slices);
  ASSERT_EQ(together.size(0), 2);
  EXPECT_LT(MaxDifference(together.narrow(0, 0, 1), alone(a)), 1e-5);
  EXPECT_LT(MaxDifference(together.narrow(0, 1, 1), alone(c)), 1e-5);
}

TEST(DecoderTest, OrderMatters) {
  const auto model = TinyDecoder(kVocab);
  Pages pages(*model, 32);
  PagedSequence first = pages.New(8), second = pages.New(8);
  const at::Tensor a = Step(*model, first, std::vector<int32_t>{5, 6, 7});
  const at::Tensor b = Step(*model, second, std::vector<int32_t>{6, 5, 7});
  EXPECT_GT(MaxDifference(a, b), 1e-3);
}

TEST(DecoderTest, ASequenceThatWasCutGoesOnAsIfTheRestHadNotBeen) {
  const auto model = TinyDecoder(kVocab);
  Pages pages(*model, 128);
  PagedSequence cut = pages.New(64), fresh = pages.New(64);
  Step(*model, cut, Tokens(6, 5), Logits::kNone);
  Step(*model, cut, std::vector<int32_t>{1, 2, 3}, Logits::kNone);
  cut.length = 6;
  Step(*model, fresh, Tokens(6, 5), Logits::kNone);
  const std::vector<int32_t> next{9};
  EXPECT_EQ(MaxDifference(Step(*model, cut, next), Step(*model, fresh, next)), 0);
}

TEST(DecoderTest, PagesMayBeSharedAndCopied) {
  // given: a prompt of two pages and a half, and what follows it when it has its pages to itself
  const auto model = TinyDecoder(kVocab);
  const std::vector<int32_t> prompt = Tokens(40, 7), next{9};
  Pages pages(*model, 4 * 48);
  PagedSequence first = pages.New(48), alone = pages.New(48);
  Step(*model, first, prompt, Logits::kNone);
  Step(*model, alone, prompt, Logits::kNone);
  const at::Tensor expected = Step(*model, alone, next);
  // when: another one has its first two pages in common with the first, and a copy of the third
  PagedSequence second = pages.New(48);
  second.pages[0] = first.pages[0];
  second.pages[1] = first.pages[1];
  model->CopyPage(first.pages[2], second.pages[2]);
  second.length = 40;
  Step(*model, first, std::vector<int32_t>{1, 2}, Logits::kNone);  // which is the first one's own
  // then
  EXPECT_EQ(MaxDifference(Step(*model, second, next), expected), 0);
}

TEST(DecoderTest, BadStepsAreErrors) {
  const auto model = TinyDecoder(kVocab);
  Pages pages(*model, 64);
  PagedSequence sequence = pages.New(16);
  const auto code = [&](std::vector<int32_t> tokens) {
    const Slice slice = sequence.Next(tokens);
    const auto result = model->Forward(std::span(&slice, 1));
    return result ? Code::kOk : result.error().code;
  };
  EXPECT_EQ(model->Forward({}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(code({kVocab}), Code::kInvalidArgument);
  EXPECT_EQ(code({-1}), Code::kInvalidArgument);
  EXPECT_EQ(code({}), Code::kInvalidArgument);
  EXPECT_EQ(code(Tokens(17, 1)), Code::kInvalidArgument);
  EXPECT_EQ(code(Tokens(513, 1)), Code::kOutOfRange);
  EXPECT_EQ(code(Tokens(16, 1)), Code::kOk);
  sequence.length = 16;
  EXPECT_EQ(code({1}), Code::kInvalidArgument);
  sequence.length = -1;
  EXPECT_EQ(code({1}), Code::kInvalidArgument);
  sequence.length = 0;
  for (const PageId none : {-1, 4}) {
    sequence.pages = {none};
    EXPECT_EQ(code({1}), Code::kInvalidArgument) << none;
  }
}

TEST(DecoderTest, PagesBeyondAllMemoryAreRefused) {
  const auto model = TinyDecoder(kVocab);
  const int64_t numbers = 2 * 2 * 2 * 8 * kPageTokens;  // keys and values, layers, heads, dimensions
  EXPECT_GE(model->page_bytes(), numbers * 4);
  EXPECT_LE(model->page_bytes(), BytesOf(model->config(), WeightFormat::kF32).page);
  EXPECT_EQ(model->ReservePages(int64_t{1} << 30).error().code, Code::kResourceExhausted);
  EXPECT_EQ(model->ReservePages(-1).error().code, Code::kInvalidArgument);
}

TEST(DecoderTest, AMissingOrMisshapenWeightIsNamed) {
  const ModelConfig config = TinyConfig(kVocab);
  auto weights = TinyWeights(config);
  weights.erase("model.layers.1.mlp.up_proj.weight");
  const auto missing = AtenDecoder::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("model.layers.1.mlp.up_proj.weight"));

  weights = TinyWeights(config);
  weights["model.norm.weight"] = weights["model.norm.weight"].narrow(0, 0, 31);
  const auto misshapen = AtenDecoder::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(misshapen);
  EXPECT_THAT(misshapen.error().message, HasSubstr("[31]"));
}

TEST(DecoderTest, AWeightThatNoModelOfThisKindHasIsNamed) {
  const ModelConfig config = TinyConfig(kVocab);
  auto weights = TinyWeights(config);
  weights["model.layers.0.self_attn.q_norm.weight"] = weights["model.norm.weight"];
  const auto more = AtenDecoder::Load(config, *WeightsFromMap(weights), {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kUnimplemented);
  EXPECT_THAT(more.error().message, HasSubstr("model.layers.0.self_attn.q_norm.weight"));
}

TEST(DecoderTest, ASlidingWindowForgetsWhatIsOutsideOfIt) {
  ModelConfig config = TinyConfig(kVocab);
  config.layers = 1;
  config.decoder.layers = {{.rope = 0, .window = 5}};
  const std::unique_ptr<AtenDecoder> model = TinyAtenDecoder(config);
  std::vector<int32_t> a = Tokens(20, 7), b = a;
  b[14] = (a[14] + 1) % kVocab;
  const auto last = [&](const std::vector<int32_t>& tokens) {
    Pages pages(*model, 32);
    PagedSequence sequence = pages.New(32);
    return Step(*model, sequence, tokens);
  };
  EXPECT_EQ(MaxDifference(last(a), last(b)), 0);  // the last token sees those from 15 on
  b[15] = (a[15] + 1) % kVocab;
  EXPECT_GT(MaxDifference(last(a), last(b)), 1e-4);
}

TEST(DecoderTest, Bf16StaysCloseToFp32) {
  const ModelConfig config = TinyConfig(kVocab);
  const auto weights = WeightsFromMap(TinyWeights(config));
  const auto wide = AtenDecoder::Load(config, *weights, {c10::kCPU, at::kFloat});
  const auto narrow = AtenDecoder::Load(config, *weights, {c10::kCPU, at::kBFloat16});
  ASSERT_TRUE(wide && narrow);
  PagedSequence a = Pages(**wide, 32).New(32), b = Pages(**narrow, 32).New(32);
  const at::Tensor x = Step(**wide, a, Tokens(20, 7), Logits::kAll);
  const at::Tensor y = Step(**narrow, b, Tokens(20, 7), Logits::kAll);
  EXPECT_LT((x - y).abs().max().item<double>(), 0.05 * x.abs().max().item<double>());
}

}  // namespace
}  // namespace troupe::model
