// Whether a classifier is as often right as it says: its expected calibration error, and one temperature for all of its
// scores that makes good what is wrong with them (Guo et al., 2017, arXiv:1706.04599). Pure.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace troupe::train {

// What a classifier said to one text.
struct SureAnswer {
  int64_t number = 0;     // its label's
  double confidence = 0;  // that label's probability
  bool right = false;
};

// scores [texts, labels] as the head gives them, divided by `temperature` and made probabilities; `numbers` one a text.
std::vector<SureAnswer> AnswersOf(const at::Tensor& scores, std::span<const int64_t> numbers, double temperature);

// How far confidence and share of right answers are apart, mean over the answers in 15 bins of equal width; 0 for none.
inline constexpr int kCalibrationBins = 15;
double CalibrationError(std::span<const SureAnswer> answers);

struct Calibration {
  double temperature = 1;
  // Expected calibration error and mean cross-entropy (nats) with a temperature of 1 and with this one, on the texts
  // that it was fitted on: one number fitted on hundreds of texts flatters them little.
  double error_before = 0, error_after = 0;
  double loss_before = 0, loss_after = 0;
};

// The temperature of least cross-entropy, between 1/20 and 20, with each label's probability a little below 1 as with
// Platt's targets (1999): where every answer is right, no finite temperature would be sure enough. At least one text.
Calibration Calibrate(const at::Tensor& scores, std::span<const int64_t> numbers);

}  // namespace troupe::train
