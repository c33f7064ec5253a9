#include "runtime/train/token_loss.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace troupe::train {
namespace {

// In double, so that differences are not rounding.
at::Tensor Logits(int64_t tokens, int64_t vocab, uint64_t seed) {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::empty({tokens, vocab}, at::TensorOptions().dtype(at::kDouble)).normal_(0, 2, generator);
}

void ExpectGradientIsSlope(const at::Tensor& logits, const std::function<LossGradient(const at::Tensor&)>& loss) {
  const LossGradient at_logits = loss(logits);
  ASSERT_EQ(at_logits.gradient.sizes(), logits.sizes());
  constexpr double kStep = 1e-5;
  for (int64_t row = 0; row < logits.size(0); ++row) {
    for (int64_t column = 0; column < logits.size(1); ++column) {
      at::Tensor more = logits.clone(), less = logits.clone();
      more[row][column] += kStep;
      less[row][column] -= kStep;
      const double slope = (loss(more).loss - loss(less).loss) / (2 * kStep);
      EXPECT_NEAR(at_logits.gradient[row][column].item<double>(), slope, 1e-7) << row << ", " << column;
    }
  }
}

TEST(TokenLoss, IsCrossEntropyAndItsGradientItsSlope) {
  const at::Tensor logits = Logits(3, 7, 1), targets = at::tensor(std::vector<int64_t>{6, 0, 3});
  EXPECT_NEAR(TokenLoss(logits, targets).loss, at::cross_entropy_loss(logits, targets).item<double>(), 1e-12);
  ExpectGradientIsSlope(logits, [&](const at::Tensor& x) { return TokenLoss(x, targets); });
}

class DivergenceLossTest : public testing::TestWithParam<DivergenceOptions> {};

INSTANTIATE_TEST_SUITE_P(Every, DivergenceLossTest,
                         testing::Values(DivergenceOptions{}, DivergenceOptions{.temperature = 2.5},
                                         DivergenceOptions{.divergence = Divergence::kReverse},
                                         DivergenceOptions{.divergence = Divergence::kReverse, .temperature = 0.7},
                                         DivergenceOptions{.divergence = Divergence::kJensenShannon},
                                         DivergenceOptions{.divergence = Divergence::kJensenShannon, .beta = 0.1},
                                         DivergenceOptions{
                                             .divergence = Divergence::kJensenShannon, .beta = 0.9, .temperature = 2}));

TEST_P(DivergenceLossTest, GradientIsTheSlopeOfTheLoss) {
  const at::Tensor student = Logits(3, 6, 1), teacher = Logits(3, 6, 2);
  ExpectGradientIsSlope(student, [&](const at::Tensor& x) { return DivergenceLoss(x, teacher, GetParam()); });
}

TEST_P(DivergenceLossTest, GradientIsTheSlopeWhereTheRestIsOneOutcome) {
  const at::Tensor student = Logits(3, 6, 1);
  const TopTokens teacher = TopOf(Logits(3, 6, 2), 3, GetParam().temperature);
  ExpectGradientIsSlope(student, [&](const at::Tensor& x) { return DivergenceLoss(x, teacher, GetParam()); });
}

TEST_P(DivergenceLossTest, IsNothingBetweenEqualsAndMoreBetweenOthers) {
  const at::Tensor student = Logits(3, 6, 1);
  EXPECT_NEAR(DivergenceLoss(student, student, GetParam()).loss, 0, 1e-12);
  EXPECT_NEAR(DivergenceLoss(student, student, GetParam()).gradient.abs().max().item<double>(), 0, 1e-12);
  EXPECT_GT(DivergenceLoss(student, Logits(3, 6, 2), GetParam()).loss, 0.01);
}

TEST_P(DivergenceLossTest, AllTokensButOneStoredAreAsGoodAsAll) {
  // the one that is left out is the rest, by itself
  const at::Tensor student = Logits(3, 6, 1), teacher = Logits(3, 6, 2);
  const LossGradient whole = DivergenceLoss(student, teacher, GetParam());
  const LossGradient stored = DivergenceLoss(student, TopOf(teacher, 5, GetParam().temperature), GetParam());
  EXPECT_NEAR(stored.loss, whole.loss, 1e-9);
  EXPECT_LT((stored.gradient - whole.gradient).abs().max().item<double>(), 1e-9);
}

TEST(DivergenceLoss, IsWhatItsNameSays) {
  // given a teacher that says 3/4 and 1/4, and a student that says halves
  const at::Tensor teacher = at::tensor(std::vector<double>{std::log(3.0), 0}).view({1, 2});
  const at::Tensor student = at::tensor(std::vector<double>{0, 0}).view({1, 2});
  const double forward = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  const double reverse = 0.5 * std::log(0.5 / 0.75) + 0.5 * std::log(0.5 / 0.25);
  EXPECT_NEAR(DivergenceLoss(student, teacher, {}).loss, forward, 1e-12);
  EXPECT_NEAR(DivergenceLoss(student, teacher, {.divergence = Divergence::kReverse}).loss, reverse, 1e-12);
  // the mix of a quarter teacher is 9/16 and 7/16
  const double mixed = 0.25 * (0.75 * std::log(0.75 * 16 / 9) + 0.25 * std::log(0.25 * 16 / 7)) +
                       0.75 * (0.5 * std::log(0.5 * 16 / 9) + 0.5 * std::log(0.5 * 16 / 7));
  EXPECT_NEAR(DivergenceLoss(student, teacher, {.divergence = Divergence::kJensenShannon, .beta = 0.25}).loss, mixed,
              1e-12);
  // twice the logits at temperature 2 are the same probabilities, times 4
  EXPECT_NEAR(DivergenceLoss(2 * student, 2 * teacher, {.temperature = 2}).loss, 4 * forward, 1e-12);
}

TEST(DivergenceLoss, StaysANumberWhereOneSideIsCertain) {
  // given logits so far apart that probabilities round to none
  const at::Tensor sure = at::tensor(std::vector<float>{200, 0, -200}).view({1, 3});
  const at::Tensor other = at::tensor(std::vector<float>{-200, 0, 200}).view({1, 3});
  for (const auto divergence : {Divergence::kForward, Divergence::kReverse, Divergence::kJensenShannon}) {
    for (const LossGradient& loss : {DivergenceLoss(sure, other, {.divergence = divergence}),
                                     DivergenceLoss(sure, TopOf(other, 1, 1), {.divergence = divergence})}) {
      EXPECT_TRUE(std::isfinite(loss.loss));
      EXPECT_TRUE(loss.gradient.isfinite().all().item<bool>());
    }
  }
}

}  // namespace
}  // namespace troupe::train
