#include "runtime/model/cpu_decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/kernels/float16.h"
#include "tests/unit/model/gguf_builder.h"
#include "tests/unit/model/pages.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::model {
namespace {

constexpr int64_t kVocab = 64;
constexpr WeightFormat kFormats[] = {WeightFormat::kF32, WeightFormat::kBf16, WeightFormat::kInt8, WeightFormat::kInt4,
                                     WeightFormat::kStored};

std::vector<int32_t> Tokens(int32_t count, int32_t step) {
  std::vector<int32_t> tokens(count);
  for (int32_t i = 0; i < count; ++i) tokens[i] = (i * step + 3) % kVocab;
  return tokens;
}

std::unique_ptr<CpuDecoder> Tiny(WeightFormat format, int threads = 1, int64_t head_dim = 8,
                                 Bits bits = Bits::kQuickest) {
  ModelConfig config = TinyConfig(kVocab);
  config.hidden = 64;  // whole groups
  config.ffn = 96;
  config.head_dim = head_dim;
  config.decoder.ropes[0].dims = head_dim;
  auto decoder = CpuDecoder::Load(config, *WeightsFromMap(TinyWeights(config)), {format, threads, bits});
  EXPECT_TRUE(decoder) << ToString(decoder.error());
  return std::move(*decoder);
}

// After each token of a prompt that is run `step` tokens at a time.
at::Tensor Prefill(CpuDecoder& decoder, const std::vector<int32_t>& tokens, size_t step) {
  const auto count = static_cast<int64_t>(tokens.size());
  Pages pages(decoder, count + kPageTokens);
  PagedSequence sequence = pages.New(count);
  std::vector<at::Tensor> rows;
  for (size_t at = 0; at < tokens.size(); at += step) {
    rows.push_back(
        Step(decoder, sequence, std::span(tokens).subspan(at, std::min(step, tokens.size() - at)), Logits::kAll));
  }
  return at::cat(rows);
}

TEST(CpuDecoder, PiecesAndThreadsChangeNoBit) {
  for (const WeightFormat format : kFormats) {
    SCOPED_TRACE(static_cast<int>(format));
    const auto one = Tiny(format), two = Tiny(format, 2);
    const std::vector<int32_t> tokens = Tokens(150, 7);
    const at::Tensor whole = Prefill(*one, tokens, 150);
    EXPECT_TRUE(at::equal(Prefill(*one, tokens, 1), whole));
    EXPECT_TRUE(at::equal(Prefill(*one, tokens, 37), whole));
    EXPECT_TRUE(at::equal(Prefill(*two, tokens, 150), whole));
    EXPECT_TRUE(at::equal(Prefill(*two, tokens, 9), whole));
  }
}

// As guessed tokens are: heads of a width that kernels for many queries at once take, and formats whose sums do not
// depend on how many tokens there are.
TEST(CpuDecoder, AFewTokensAtATimeChangeNoBit) {
  for (const WeightFormat format : {WeightFormat::kInt8, WeightFormat::kInt4, WeightFormat::kStored}) {
    SCOPED_TRACE(static_cast<int>(format));
    const auto one = Tiny(format, 1, 64), two = Tiny(format, 2, 64);
    const std::vector<int32_t> tokens = Tokens(100, 7);
    const at::Tensor single = Prefill(*one, tokens, 1);
    for (const size_t step : {2, 5, 11, 16}) {
      EXPECT_TRUE(at::equal(Prefill(*one, tokens, step), single)) << step;
      EXPECT_TRUE(at::equal(Prefill(*two, tokens, step), single)) << step;
    }
  }
}

// The same, of long pieces, where that is asked for.
TEST(CpuDecoder, WhereItIsAskedForLongPiecesChangeNoBit) {
  for (const WeightFormat format : {WeightFormat::kInt8, WeightFormat::kInt4, WeightFormat::kStored}) {
    SCOPED_TRACE(static_cast<int>(format));
    const auto one = Tiny(format, 1, 64, Bits::kSameInPieces), two = Tiny(format, 2, 64, Bits::kSameInPieces);
    const std::vector<int32_t> tokens = Tokens(100, 7);
    const at::Tensor single = Prefill(*one, tokens, 1);
    for (const size_t step : {17, 33, 64, 100}) {
      EXPECT_TRUE(at::equal(Prefill(*one, tokens, step), single)) << step;
      EXPECT_TRUE(at::equal(Prefill(*two, tokens, step), single)) << step;
    }
  }
}

TEST(CpuDecoder, NeighboursInTheBatchChangeNoBit) {
  for (const WeightFormat format : kFormats) {
    SCOPED_TRACE(static_cast<int>(format));
    const auto decoder = Tiny(format, 2);
    Pages pages(*decoder, 64 * 48);
    std::vector<PagedSequence> sequences;
    std::vector<std::vector<int32_t>> prompts;
    std::vector<at::Tensor> alone;
    for (int32_t i = 0; i < 20; ++i) {
      prompts.push_back(Tokens(1 + i * 2, 5 + i));
      PagedSequence lonely = pages.New(64);
      alone.push_back(Step(*decoder, lonely, prompts.back()));
      sequences.push_back(pages.New(64));
    }
    std::vector<Slice> slices;
    for (size_t i = 0; i < sequences.size(); ++i) slices.push_back(sequences[i].Next(prompts[i]));
    EXPECT_TRUE(at::equal(Step(*decoder, slices), at::cat(alone)));
  }
}

TEST(CpuDecoder, FewerBitsAreNearTheWhole) {
  const std::vector<int32_t> tokens = Tokens(40, 11);
  const at::Tensor whole = Prefill(*Tiny(WeightFormat::kF32), tokens, 40);
  const double size = whole.abs().max().item<double>();
  const auto error = [&](WeightFormat format) {
    return (Prefill(*Tiny(format), tokens, 40) - whole).abs().max().item<double>() / size;
  };
  EXPECT_LT(error(WeightFormat::kBf16), 0.05);
  EXPECT_LT(error(WeightFormat::kInt8), 0.15);
  EXPECT_LT(error(WeightFormat::kInt4), 1.2);
  EXPECT_GT(error(WeightFormat::kInt4), error(WeightFormat::kInt8));
  EXPECT_EQ(Tiny(WeightFormat::kInt4)->compute(), "int4");
  EXPECT_LT(Tiny(WeightFormat::kInt4)->weight_bytes(), Tiny(WeightFormat::kF32)->weight_bytes() / 6);
}

TEST(CpuDecoder, AWidthThatNoGroupDividesIsKeptInBfloat16) {
  ModelConfig config = TinyConfig(kVocab);
  config.hidden = 40;
  config.ffn = 56;
  const auto decoder = CpuDecoder::Load(config, *WeightsFromMap(TinyWeights(config)), {WeightFormat::kInt4, 1});
  ASSERT_TRUE(decoder) << ToString(decoder.error());
  EXPECT_EQ((*decoder)->compute(), "bf16");
}

TEST(CpuDecoder, APageThatWasCopiedGoesOnAsItsOwn) {
  const auto decoder = Tiny(WeightFormat::kBf16);
  const std::vector<int32_t> tokens = Tokens(30, 3);
  Pages pages(*decoder, 8 * kPageTokens);
  PagedSequence first = pages.New(32), second = pages.New(32);
  Step(*decoder, first, std::span(tokens).first(20));
  // The first page is shared, of the second four tokens are kept.
  second.pages[0] = first.pages[0];
  decoder->CopyPage(first.pages[1], second.pages[1]);
  second.length = 20;
  const at::Tensor expected = Step(*decoder, first, std::span(tokens).subspan(20));
  EXPECT_TRUE(at::equal(Step(*decoder, second, std::span(tokens).subspan(20)), expected));
}

}  // namespace
}  // namespace troupe::model
