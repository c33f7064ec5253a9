#include "runtime/train/new_labels.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include "runtime/train/outputs.h"
#include "tests/unit/train/tiny_training.h"

namespace troupe::train {
namespace {

// A classifier of three labels that was trained on them.
WholeEncoder Trained() {
  TrainingOptions options = TinyOptions();
  options.epochs = 20;
  ClassifierTraining training(TinyEncoder(), TinyTexts(120, 1), options, std::nullopt);
  while (training.at() < training.steps()) EXPECT_TRUE(training.Step());
  WholeEncoder encoder = TinyEncoder();
  const auto from = training.student().Parameters(), to = encoder.Parameters();
  for (size_t i = 0; i < to.size(); ++i) to[i].value.copy_(from[i].value.detach());
  return encoder;
}

TEST(NewLabels, WhatItKnowsStaysAsItIs) {
  WholeEncoder encoder = Trained();
  const EncodedTexts texts = TinyTexts(40, 3, 5);
  const at::Tensor before = ComputeOutputs(encoder, texts)->logits;
  // when two labels are added
  ASSERT_TRUE(AddLabels(encoder, {"fourth", "fifth"}, texts));
  // then the scores of the others are the same
  const at::Tensor after = ComputeOutputs(encoder, texts)->logits;
  ASSERT_EQ(after.size(1), 5);
  EXPECT_LT((after.narrow(1, 0, 3) - before).abs().max().item<double>(), 1e-5);
  EXPECT_EQ(encoder.config().labels.size(), 5u);
  EXPECT_EQ(encoder.config().labels.back(), "fifth");
}

TEST(NewLabels, ARowBeginsOnTheSideOfItsTexts) {
  WholeEncoder encoder = Trained();
  const EncodedTexts texts = TinyTexts(60, 3, 5);
  ASSERT_TRUE(AddLabels(encoder, {"fourth", "fifth"}, texts));
  // before any training: the mean score of its own texts is above 0, that of all others less
  const at::Tensor logits = ComputeOutputs(encoder, texts)->logits;
  for (const int64_t label : {3, 4}) {
    double own = 0, others = 0;
    int64_t count = 0;
    for (size_t i = 0; i < texts.size(); ++i) {
      const double score = logits[static_cast<int64_t>(i)][label].item<double>();
      if (texts.numbers[i] == label) {
        own += score;
        ++count;
      } else {
        others += score;
      }
    }
    ASSERT_GT(count, 0);
    EXPECT_GT(own / static_cast<double>(count), 0);
    EXPECT_LT(others / static_cast<double>(texts.size() - static_cast<size_t>(count)), 0);
  }
}

TEST(NewLabels, OutputsAreInTheTextsOrder) {
  // given texts of many lengths, which go through in another order
  const WholeEncoder encoder = TinyEncoder();
  const EncodedTexts texts = TinyTexts(150, 8);
  const auto outputs = ComputeOutputs(encoder, texts);
  ASSERT_TRUE(outputs);
  for (const size_t i : {size_t{0}, size_t{77}, size_t{149}}) {
    const WholeEncoder::Pass alone = encoder.Forward(Pad(std::span(texts.ids).subspan(i, 1)));
    const auto row = static_cast<int64_t>(i);
    EXPECT_LT((outputs->logits[row] - alone.logits[0]).abs().max().item<double>(), 1e-5);
    EXPECT_LT((outputs->pooled[row] - alone.pooled[0]).abs().max().item<double>(), 1e-5);
  }
}

}  // namespace
}  // namespace troupe::train
