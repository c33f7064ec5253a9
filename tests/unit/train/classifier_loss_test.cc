#include "runtime/train/classifier_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/train/labelled_texts.h"

namespace troupe::train {
namespace {

at::Tensor Row(std::vector<float> values) { return at::tensor(values).view({1, -1}); }
at::Tensor Numbers(std::vector<int64_t> values) { return at::tensor(values); }

TEST(ClassifierLoss, LabelsCountWhereTheyAre) {
  // given scores that say log 1, log 1, log 2 for a labelled text and something for one without a label
  const at::Tensor logits = at::tensor(std::vector<float>{0, 0, std::log(2.0f), 5, -5, 5}).view({2, 3});
  EXPECT_NEAR(LabelLoss(logits, Numbers({2, kNoLabel}), 0).item<double>(), std::log(2.0), 1e-6);
  EXPECT_EQ(LabelLoss(logits, Numbers({kNoLabel, kNoLabel}), 0).item<double>(), 0);
  // smoothed, every label has its part: 0.7 + 0.1 of the right one, 0.1 of the others
  EXPECT_NEAR(LabelLoss(logits, Numbers({2, kNoLabel}), 0.3).item<double>(), 0.8 * std::log(2.0) + 0.2 * std::log(4.0),
              1e-6);
}

TEST(ClassifierLoss, ScoresAreComparedAsSoftenedProbabilities) {
  const at::Tensor teacher = Row({std::log(3.0f), 0}), student = Row({0, 0});
  // at temperature 1: 3/4 and 1/4 against halves
  const double divergence = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  EXPECT_NEAR(ScoreLoss(student, teacher, 1).item<double>(), divergence, 1e-6);
  // twice the scores at temperature 2 are the same probabilities, times 4
  EXPECT_NEAR(ScoreLoss(2 * student, 2 * teacher, 2).item<double>(), 4 * divergence, 1e-5);
  EXPECT_NEAR(ScoreLoss(teacher, teacher, 2).item<double>(), 0, 1e-6);
}

TEST(ClassifierLoss, StatesOfPaddingDoNotCount) {
  const at::Tensor teacher = at::tensor(std::vector<float>{1, 1, 9, 9}).view({1, 2, 2});
  const at::Tensor student = at::tensor(std::vector<float>{2, 4, 0, 0}).view({1, 2, 2});
  const at::Tensor mask = at::tensor(std::vector<float>{1, 0}).view({1, 2}).to(at::kBool);
  EXPECT_NEAR(StateLoss(student, teacher, mask).item<double>(), 5, 1e-6);
  EXPECT_NEAR(StateLoss(student, teacher, {}).item<double>(), 43, 1e-5);
}

}  // namespace
}  // namespace troupe::train
