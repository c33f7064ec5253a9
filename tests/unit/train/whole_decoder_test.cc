#include "runtime/train/whole_decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "runtime/model/aten_decoder.h"
#include "runtime/train/decoder_folder.h"
#include "runtime/train/text_sample.h"
#include "tests/unit/model/families.h"
#include "tests/unit/model/pages.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::train {
namespace {

// Two texts of the same length.
std::vector<Window> Texts(int64_t vocab, size_t length) {
  std::vector<Window> windows(2, Window(length));
  for (size_t i = 0; i < length; ++i) {
    windows[0][i] = static_cast<int32_t>((i * 7 + 3) % static_cast<size_t>(vocab));
    windows[1][i] = static_cast<int32_t>((i * i + 11) % static_cast<size_t>(vocab));
  }
  return windows;
}

// Every family's options: AtenDecoder's logits are checked against transformers (families_golden_test.cc).
TEST(WholeDecoder, LogitsAreThoseOfAtenDecoderForEveryFamily) {
  const c10::InferenceMode mode;
  model::ForEachFamily([](const Value& item, const model::ModelConfig& config) {
    const model::HashWeights weights = model::WeightsOf(item);
    const auto whole = WholeDecoder::Load(config, weights);
    ASSERT_TRUE(whole) << ToString(whole.error());
    const auto aten = model::AtenDecoder::Load(config, weights, {});
    ASSERT_TRUE(aten);
    const std::vector<Window> texts = Texts(config.vocab_size, 40);
    const at::Tensor logits = whole->Forward(Batch(texts));
    for (size_t i = 0; i < texts.size(); ++i) {
      model::Pages pages(**aten, 48);
      model::PagedSequence sequence = pages.New(48);
      const at::Tensor expected = model::Step(**aten, sequence, texts[i], model::Logits::kAll);
      EXPECT_LT((logits[static_cast<int64_t>(i)] - expected).abs().max().item<double>(), 2e-4);
    }
  });
}

TEST(WholeDecoder, GradientsAreWhatALittleMoreOfAWeightDoes) {
  const c10::AutoGradMode gradients(true);
  const model::ModelConfig config = model::TinyConfig(64);
  auto decoder = WholeDecoder::Load(config, *model::WeightsFromMap(model::TinyWeights(config)));
  ASSERT_TRUE(decoder);
  const at::Tensor ids = Batch(Texts(64, 12));
  const auto loss = [&] { return -at::log_softmax(decoder->Forward(ids), -1).select(-1, 5).to(at::kDouble).mean(); };
  for (LinearPart* part : {&decoder->blocks()[0].qkv.parts[0], &decoder->blocks()[1].down.parts[0], &decoder->head()}) {
    SCOPED_TRACE(part->name);
    part->weight = part->weight.clone().set_requires_grad(true);
    loss().backward();
    const double gradient = part->weight.grad()[1][2].item<double>();
    double change = 0;
    {
      const c10::AutoGradMode off(false);
      part->weight[1][2] += 1e-2;
      change = loss().item<double>();
      part->weight[1][2] -= 2e-2;
      change = (change - loss().item<double>()) / 2e-2;
    }
    EXPECT_NE(gradient, 0);
    EXPECT_NEAR(gradient, change, 1e-2 * std::abs(change) + 1e-5);
    part->weight = part->weight.detach();
  }
}

TEST(WholeDecoder, WhatIsChangedIsWhatOthersLoad) {
  const c10::InferenceMode mode;
  model::ForEachFamily([](const Value& item, const model::ModelConfig& config) {
    // given a decoder with memory of its own, all of whose parameters are changed
    const model::HashWeights weights = model::WeightsOf(item);
    auto whole = WholeDecoder::Load(config, weights, Memory::kOwn);
    ASSERT_TRUE(whole) << ToString(whole.error());
    for (Parameter& parameter : whole->Parameters()) parameter.value.mul_(1.25);
    // when another one is loaded from what it would be served with
    const auto served = WholeDecoder::Load(config, *ServedWeights(*whole));
    // then both say the same, which is not what the file says
    ASSERT_TRUE(served) << ToString(served.error());
    const at::Tensor ids = Batch(Texts(config.vocab_size, 12));
    const at::Tensor logits = whole->Forward(ids);
    EXPECT_LT((served->Forward(ids) - logits).abs().max().item<double>(), 1e-3);
    EXPECT_GT((WholeDecoder::Load(config, weights)->Forward(ids) - logits).abs().max().item<double>(), 1e-3);
  });
}

}  // namespace
}  // namespace troupe::train
