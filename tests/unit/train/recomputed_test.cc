#include "runtime/train/recomputed.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "runtime/base/digest.h"
#include "tests/unit/train/gradient_check.h"
#include "tests/unit/train/tiny_answers.h"
#include "tests/unit/train/tiny_training.h"

namespace troupe::train {
namespace {

TEST(Recomputed, ThePartIsComputedAgainOnTheWayBackAndGivesItsGradients) {
  const at::Tensor x = Drawn({3, 4}, 1), weight = Drawn({4, 4}, 2);
  int calls = 0;
  const auto part = [&](const at::Tensor& t) {
    ++calls;
    return t.matmul(weight).tanh();
  };
  ExpectGradientIsSlope([&] { return Recomputed(x, part).pow(2).sum(at::kDouble); }, weight);
  ExpectGradientIsSlope([&] { return Recomputed(x * 2, part).pow(2).sum(at::kDouble); }, x);
  // forward and back; without gradients once
  calls = 0;
  const c10::AutoGradMode on(true);
  const at::Tensor grown = x.clone().requires_grad_(true);
  const at::Tensor y = Recomputed(grown, part);
  EXPECT_EQ(calls, 1);
  y.sum().backward();
  EXPECT_EQ(calls, 2);
  const c10::AutoGradMode off(false);
  Recomputed(x, part);
  EXPECT_EQ(calls, 3);
}

// The digest of all that a training keeps.
template <typename Training>
std::string AfterThreeSteps(Training training) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(training.Step());
  Digester digester;
  for (const model::TensorOut& tensor : training.Tensors()) {
    digester.Add({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
  }
  return digester.Hex();
}

TrainingOptions With(Activations activations, double dropout) {
  TrainingOptions options = TinyOptions();
  options.activations = activations;
  options.dropout = dropout;
  return options;
}

TEST(Recomputed, AClassifierLearnsTheSameToTheBitWithDropout) {
  const auto train = [](Activations activations, double dropout) {
    return AfterThreeSteps(TinyTraining(With(activations, dropout)));
  };
  const std::string kept = train(Activations::kKept, 0.2);
  EXPECT_EQ(train(Activations::kRecomputed, 0.2), kept);
  EXPECT_NE(train(Activations::kRecomputed, 0), kept);
}

TEST(Recomputed, WhereALossLooksAtLayersStatesGradientsAreTheSameButForTheOrderOfTheirSums) {
  const auto after_one = [](Activations activations) {
    Teaching teaching{.teacher = TinyEncoder(), .scores = 0.5, .states = 1, .layers = {0, 1}};
    ClassifierTraining training = TinyTraining(With(activations, 0.2), std::move(teaching));
    EXPECT_TRUE(training.Step());
    return training.Tensors();
  };
  const auto kept = after_one(Activations::kKept), recomputed = after_one(Activations::kRecomputed);
  ASSERT_EQ(kept.size(), recomputed.size());
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i].name.starts_with("means.")) continue;  // gradients, but for a factor
    SCOPED_TRACE(kept[i].name);
    const auto* one = reinterpret_cast<const float*>(kept[i].bytes.data());
    const auto* other = reinterpret_cast<const float*>(recomputed[i].bytes.data());
    for (size_t j = 0; j < kept[i].bytes.size() / sizeof(float); ++j) ASSERT_NEAR(one[j], other[j], 1e-7);
  }
}

TEST(Recomputed, ADecoderAndAnAdapterLearnTheSameToTheBit) {
  for (const bool is_adapter : {false, true}) {
    SCOPED_TRACE(is_adapter);
    const auto train = [&](Activations activations, Products products) {
      DecoderTrainingOptions options = TinyDecoderOptions();
      options.activations = activations;
      options.products = products;
      if (is_adapter) options.lora = LoraOptions{.rank = 4, .alpha = 8};
      return AfterThreeSteps(DecoderTraining(TinyWriter(), TinyAnswers(37, 1), options, std::nullopt));
    };
    for (const Products products : {Products::kFloat, Products::kBfloat16}) {
      EXPECT_EQ(train(Activations::kRecomputed, products), train(Activations::kKept, products));
    }
  }
}

}  // namespace
}  // namespace troupe::train
