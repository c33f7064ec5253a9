#include "runtime/train/whole_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/tiny_bert.h"

namespace troupe::train {
namespace {

const std::vector<std::vector<int32_t>> kTexts{{2, 7, 9, 3}, {2, 30, 31, 5, 6, 8, 3}, {2, 3}};

WholeEncoder Tiny(int labels = 3) {
  const model::ModelConfig config = model::TinyBertConfig(labels);
  auto encoder = WholeEncoder::Load(config, *model::WeightsFromMap(model::TinyBertWeights(config)));
  EXPECT_TRUE(encoder) << ToString(encoder.error());
  return std::move(*encoder);
}

TEST(WholeEncoder, ScoresAreThoseOfAtenEncoder) {
  // given the same weights in both
  const model::ModelConfig config = model::TinyBertConfig(3);
  const auto aten = model::AtenEncoder::Load(config, *model::WeightsFromMap(model::TinyBertWeights(config)), {});
  ASSERT_TRUE(aten);
  // when texts of several lengths go through, then padding changes nothing
  const at::Tensor logits = Tiny().Forward(Pad(kTexts)).logits;
  EXPECT_LT((logits - *(*aten)->Classify(kTexts)).abs().max().item<double>(), 1e-5);
  // and the last state is what AtenEncoder embeds
  const at::Tensor first = Tiny().Forward(Pad(kTexts)).states.back().select(1, 0);
  const auto embedded = (*aten)->Embed(kTexts, model::Pooling::kCls, model::Normalize::kNo);
  EXPECT_LT((first - *embedded).abs().max().item<double>(), 1e-5);
}

TEST(WholeEncoder, GradientsAreWhatALittleMoreOfAParameterDoes) {
  const c10::AutoGradMode gradients(true);
  const WholeEncoder encoder = Tiny();
  const PaddedTexts texts = Pad(kTexts);
  const auto loss = [&] {
    return -at::log_softmax(encoder.Forward(texts).logits, -1).select(-1, 1).to(at::kDouble).mean();
  };
  for (const Parameter& parameter : encoder.Parameters()) {
    SCOPED_TRACE(parameter.name);
    at::Tensor value = parameter.value;
    value.set_requires_grad(true);
    loss().backward();
    // words that are not there have no gradient: take the value with the greatest
    const at::Tensor flat = value.grad().flatten();
    const auto index = flat.abs().argmax().item<int64_t>();
    const auto gradient = flat[index].item<double>();
    value.set_requires_grad(false);
    value.mutable_grad() = at::Tensor();
    const at::Tensor values = value.view(-1);
    const double step = 1e-2;
    values[index] += step;
    const auto more = loss().item<double>();
    values[index] -= 2 * step;
    const double change = (more - loss().item<double>()) / (2 * step);
    values[index] += step;
    EXPECT_GT(std::abs(gradient), 0);
    EXPECT_NEAR(gradient, change, 2e-2 * std::abs(change) + 1e-4);
  }
}

TEST(WholeEncoder, ProductsInBfloat16AreNearlyTheSame) {
  WholeEncoder encoder = Tiny();
  const at::Tensor exact = encoder.Forward(Pad(kTexts)).logits;
  encoder.set_products(Products::kBfloat16);
  const at::Tensor near = encoder.Forward(Pad(kTexts)).logits;
  const auto distance = (near - exact).abs().max().item<double>();
  EXPECT_LT(distance, 0.05 * exact.abs().max().item<double>());
  EXPECT_GT(distance, 0);
}

TEST(WholeEncoder, DropoutIsDrawnByItsSeed) {
  const WholeEncoder encoder = Tiny();
  const auto logits = [&](uint64_t seed) {
    Dropout dropout(0.2, seed);
    return encoder.Forward(Pad(kTexts), &dropout).logits;
  };
  EXPECT_TRUE(logits(1).equal(logits(1)));
  EXPECT_FALSE(logits(1).equal(logits(2)));
  Dropout none(0, 1);
  EXPECT_TRUE(encoder.Forward(Pad(kTexts), &none).logits.equal(encoder.Forward(Pad(kTexts)).logits));
}

TEST(WholeEncoder, ANewHeadIsDrawnByItsSeedAndTheRestIsTheModels) {
  // given a model without a head
  const model::ModelConfig config = model::TinyBertConfig();
  const auto weights = model::WeightsFromMap(model::TinyBertWeights(config));
  // when it is given one
  const auto make = [&](uint64_t seed) { return *WholeEncoder::LoadWithNewHead(config, *weights, {"a", "b"}, seed); };
  const WholeEncoder one = make(1);
  EXPECT_THAT(one.config().labels, testing::ElementsAre("a", "b"));
  EXPECT_EQ(one.Forward(Pad(kTexts)).logits.sizes(), (at::IntArrayRef{3, 2}));
  EXPECT_TRUE(one.Forward(Pad(kTexts)).logits.equal(make(1).Forward(Pad(kTexts)).logits));
  EXPECT_FALSE(one.Forward(Pad(kTexts)).logits.equal(make(2).Forward(Pad(kTexts)).logits));
  EXPECT_TRUE(one.Forward(Pad(kTexts)).states.back().equal(make(2).Forward(Pad(kTexts)).states.back()));
  // then training it leaves the model's own tensors alone
  one.Parameters().front().value.add_(1);
  EXPECT_FALSE(one.Parameters().front().value.equal(make(1).Parameters().front().value));
}

TEST(WholeEncoder, AModelWithoutAHeadIsRefusedWhereOneIsNeeded) {
  const model::ModelConfig config = model::TinyBertConfig();
  const auto refused = WholeEncoder::Load(config, *model::WeightsFromMap(model::TinyBertWeights(config)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
}

}  // namespace
}  // namespace troupe::train
