#include "runtime/train/calibration.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace troupe::train {
namespace {

// Scores of three labels whose probabilities are what they say: each text's label is drawn by them.
struct Honest {
  at::Tensor scores;
  std::vector<int64_t> numbers;

  explicit Honest(int64_t texts) : scores(at::empty({texts, 3}, at::TensorOptions().dtype(at::kFloat))) {
    std::mt19937_64 random(4);
    std::normal_distribution<float> normal(0, 2);
    for (int64_t i = 0; i < texts; ++i) {
      float* row = scores.mutable_data_ptr<float>() + 3 * i;
      std::vector<double> weights;
      for (int label = 0; label < 3; ++label) weights.push_back(std::exp(row[label] = normal(random)));
      numbers.push_back(std::discrete_distribution<int64_t>(weights.begin(), weights.end())(random));
    }
  }
};

TEST(Calibration, TheErrorIsTheGapBetweenConfidenceAndRightAnswersBinByBin) {
  // given four answers of 0.9 of which two are right, and two of 0.5 of which one is
  const std::vector<SureAnswer> answers{{0, 0.9, true},  {0, 0.9, true}, {0, 0.9, false},
                                        {0, 0.9, false}, {0, 0.5, true}, {0, 0.5, false}};
  // then the first bin is 0.4 too sure, the second one as sure as it may be
  EXPECT_NEAR(CalibrationError(answers), 0.4 * 4 / 6, 1e-9);
  EXPECT_EQ(CalibrationError({}), 0);
  EXPECT_NEAR(CalibrationError(std::vector<SureAnswer>{{0, 1.0, true}}), 0, 1e-9);
}

TEST(Calibration, TooSureAndTooUnsureAreBothSetRight) {
  const Honest honest(4000);
  for (const double spoilt : {0.25, 1.0, 4.0}) {
    SCOPED_TRACE(spoilt);
    // given scores that were honest and are so many times too large
    const Calibration calibration = Calibrate(honest.scores * spoilt, honest.numbers);
    // then dividing by the temperature brings them back
    EXPECT_NEAR(calibration.temperature / spoilt, 1, 0.1);
    EXPECT_LT(calibration.error_after, 0.03);
    if (spoilt == 1) continue;
    EXPECT_GT(calibration.error_before, 3 * calibration.error_after);
    EXPECT_LT(calibration.loss_after, calibration.loss_before);
  }
}

TEST(Calibration, AnswersThatAreAllRightDoNotBecomeCertain) {
  // given five texts that are all right
  at::Tensor scores = at::empty({5, 2}, at::TensorOptions().dtype(at::kFloat));
  scores.select(1, 0).fill_(2);
  scores.select(1, 1).fill_(0);
  const std::vector<int64_t> numbers(5, 0);
  // then the confidence is what five right answers in a row are worth
  const Calibration calibration = Calibrate(scores, numbers);
  const auto answers = AnswersOf(scores, numbers, calibration.temperature);
  EXPECT_GT(answers.front().confidence, 0.85);
  EXPECT_LT(answers.front().confidence, 0.97);
}

TEST(Calibration, ATemperatureChangesNoAnswer) {
  const Honest honest(50);
  const auto cold = AnswersOf(honest.scores, honest.numbers, 0.1), hot = AnswersOf(honest.scores, honest.numbers, 10);
  for (size_t i = 0; i < cold.size(); ++i) {
    EXPECT_EQ(cold[i].number, hot[i].number);
    EXPECT_GT(cold[i].confidence, hot[i].confidence);
  }
}

}  // namespace
}  // namespace troupe::train
