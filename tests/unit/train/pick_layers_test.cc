#include "runtime/train/pick_layers.h"

#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

using testing::ElementsAre;

// Six layers, of which some do nothing: their outputs are zeros.
WholeDecoder DecoderWithIdleLayers(const std::vector<size_t>& idle) {
  model::ModelConfig config = model::TinyConfig(kTinyVocab);
  config.layers = 6;
  config.decoder.layers.resize(6);
  auto weights = model::TinyWeights(config);
  for (const size_t layer : idle) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    weights[prefix + "self_attn.o_proj.weight"].zero_();
    weights[prefix + "mlp.down_proj.weight"].zero_();
  }
  auto decoder = WholeDecoder::Load(config, *model::WeightsFromMap(weights));
  EXPECT_TRUE(decoder) << ToString(decoder.error());
  return std::move(*decoder);
}

// Prompts with what the decoder itself would say, so that each layer that does something is missed.
std::vector<PromptAnswer> OwnAnswers(const WholeDecoder& decoder) {
  std::vector<PromptAnswer> texts = TinyAnswers(40, 1);
  for (PromptAnswer& text : texts) {
    text.answer.resize(1);
    const at::Tensor logits = AnswerLogits(decoder, BatchAnswers({&text, 1}, Reader::kStudent));
    text.answer[0] = static_cast<int32_t>(logits.argmax().item<int64_t>());
  }
  return texts;
}

TEST(PickLayers, LayersThatDoNothingAreLeftOutFirst) {
  const WholeDecoder decoder = DecoderWithIdleLayers({1, 4});
  double done = 0;
  const auto watch = [&done](double share) -> Status {
    done = share;
    return {};
  };
  const auto layers = LeastMissedLayers(decoder, OwnAnswers(decoder), 4, watch);
  ASSERT_TRUE(layers) << ToString(layers.error());
  EXPECT_THAT(*layers, ElementsAre(0, 2, 3, 5));
  EXPECT_EQ(done, 1);
}

TEST(PickLayers, WhatATeacherAloneIsShownDoesNotChoose) {
  const WholeDecoder decoder = DecoderWithIdleLayers({});
  std::vector<PromptAnswer> texts = OwnAnswers(decoder);
  const auto silent = [](double) -> Status { return {}; };
  const auto layers = LeastMissedLayers(decoder, texts, 2, silent);
  for (PromptAnswer& text : texts) text.shown = {3, 1, 4, 1, 5};
  EXPECT_EQ(*LeastMissedLayers(decoder, texts, 2, silent), *layers);
}

TEST(PickLayers, AWatchStopsIt) {
  const WholeDecoder decoder = DecoderWithIdleLayers({});
  const auto stop = [](double) -> Status { return Cancelled("enough"); };
  EXPECT_EQ(LeastMissedLayers(decoder, OwnAnswers(decoder), 2, stop).error().message, "enough");
}

}  // namespace
}  // namespace troupe::train
