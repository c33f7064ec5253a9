// Gradients of what a decoder is put together from, for every family and option. Those of losses are in
// token_loss_test.cc.
#include <gtest/gtest.h>

#include "runtime/train/dropout.h"
#include "runtime/train/lora.h"
#include "tests/unit/model/families.h"
#include "tests/unit/train/gradient_check.h"
#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

constexpr int64_t kTexts = 2, kTokens = 20;  // longer than the families' windows

void ForEachDecoder(const std::function<void(WholeDecoder& decoder)>& test) {
  model::ForEachFamily([&](const Value& item, const model::ModelConfig& config) {
    const model::HashWeights weights = model::WeightsOf(item);
    auto decoder = WholeDecoder::Load(config, weights, Memory::kOwn);
    ASSERT_TRUE(decoder) << ToString(decoder.error());
    test(*decoder);
  });
}

at::Tensor Ids(int64_t vocab) { return (Drawn({kTexts, kTokens}, 1) * 1000).to(at::kLong).remainder(vocab); }

TEST(Gradients, OfNormsTurnsAndAttentionAreSlopes) {
  ForEachDecoder([](WholeDecoder& decoder) {
    const model::ModelConfig& c = decoder.config();
    const at::Tensor x = Drawn({kTexts, kTokens, c.hidden}, 1);
    for (size_t layer = 0; layer < decoder.blocks().size(); ++layer) {
      SCOPED_TRACE(layer);
      const at::Tensor qkv = Drawn({kTexts, kTokens, (c.heads + 2 * c.kv_heads) * c.head_dim}, 2);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.QkvInput(layer, t); }, x);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.OutInput(layer, t); }, qkv);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.AddOut(layer, x, t); }, x * 2);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.GateUpInput(layer, t); }, x);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.AddDown(layer, x, t); }, x * 2);
      ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.DownInput(layer, t); },
                              Drawn({kTexts, kTokens, 2 * c.ffn}, 3));
    }
    ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.HeadInput(t); }, x);
    ExpectGradientIsSlopeOf([&](const at::Tensor& t) { return decoder.Logits(t); }, x);
  });
}

TEST(Gradients, OfEveryParameterAreSlopesOfTheWholeDecoder) {
  ForEachDecoder([](WholeDecoder& decoder) {
    const int64_t vocab = decoder.config().vocab_size;
    const at::Tensor ids = Ids(vocab), shares = Drawn({kTexts, kTokens, vocab}, 10);
    for (const Parameter& parameter : decoder.Parameters()) {
      SCOPED_TRACE(parameter.name);
      ExpectGradientIsSlope([&] { return (decoder.Forward(ids) * shares).sum(at::kDouble); }, parameter.value, 1e-3);
    }
  });
}

TEST(Gradients, OfAnAdapterAreSlopesOfWhatItIsAddedTo) {
  WholeDecoder decoder = TinyWriter();
  const Lora lora(decoder, {.rank = 3, .alpha = 6}, 5);
  const at::Tensor ids = Ids(kTinyVocab), shares = Drawn({kTexts, kTokens, kTinyVocab}, 10);
  for (const Parameter& parameter : lora.Parameters()) {
    if (parameter.name.find("lora_B") != std::string::npos) {
      parameter.value.copy_(Drawn(parameter.value.sizes().vec(), 4) * 0.1);
    }
  }
  for (const Parameter& parameter : lora.Parameters()) {
    SCOPED_TRACE(parameter.name);
    ExpectGradientIsSlope(
        [&] {
          lora.Apply(decoder, Products::kFloat);
          return (decoder.Forward(ids) * shares).sum(at::kDouble);
        },
        parameter.value, 1e-3);
  }
}

TEST(Gradients, OfDropoutAreWhatItLeavesIn) {
  const auto dropped = [](const at::Tensor& x) { return Dropout(0.3, 5).Apply(x); };
  const at::Tensor x = Drawn({40, 50}, 1);
  ExpectGradientIsSlopeOf(dropped, x);
  // of as many as was asked for, scaled up to make good for the others
  const at::Tensor factors = dropped(x) / x;
  EXPECT_NEAR((factors == 0).to(at::kDouble).mean().item<double>(), 0.3, 0.03);
  EXPECT_NEAR(factors.max().item<double>(), 1 / 0.7, 1e-5);
}

}  // namespace
}  // namespace troupe::train
