#include "runtime/train/calibration.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/train/classifier_loss.h"

namespace troupe::train {
namespace {

constexpr double kMostExtreme = 20;

at::Tensor ToTensor(std::span<const int64_t> numbers) {
  return at::from_blob(const_cast<int64_t*>(numbers.data()), {static_cast<int64_t>(numbers.size())},
                       at::TensorOptions().dtype(at::kLong));
}

// Where `f`, which falls and then rises, is least: golden-section search (Kiefer, 1953) to a thousandth.
template <typename Function>
double Least(double low, double high, const Function& f) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = f(a), at_b = f(b);
  while (high - low > 1e-3) {
    if (at_a <= at_b) {
      high = b;
      b = a, at_b = at_a;
      a = high - golden * (high - low), at_a = f(a);
    } else {
      low = a;
      a = b, at_a = at_b;
      b = low + golden * (high - low), at_b = f(b);
    }
  }
  return (low + high) / 2;
}

}  // namespace

std::vector<SureAnswer> AnswersOf(const at::Tensor& scores, std::span<const int64_t> numbers, double temperature) {
  CHECK(scores.size(0) == static_cast<int64_t>(numbers.size()));
  const auto [confidence, number] = at::softmax(scores.to(at::kDouble) / temperature, -1).max(-1);
  std::vector<SureAnswer> answers;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const int64_t said = number.const_data_ptr<int64_t>()[i];
    answers.push_back({said, confidence.const_data_ptr<double>()[i], said == numbers[i]});
  }
  return answers;
}

double CalibrationError(std::span<const SureAnswer> answers) {
  if (answers.empty()) return 0;
  std::array<double, kCalibrationBins> too_sure{};  // sums of confidence less right
  for (const SureAnswer& answer : answers) {
    const auto bin = static_cast<size_t>(std::clamp(answer.confidence, 0.0, 1.0) * kCalibrationBins);
    too_sure[std::min<size_t>(bin, kCalibrationBins - 1)] += answer.confidence - (answer.right ? 1 : 0);
  }
  double error = 0;
  for (const double sum : too_sure) error += std::abs(sum);
  return error / static_cast<double>(answers.size());
}

Calibration Calibrate(const at::Tensor& scores, std::span<const int64_t> numbers) {
  CHECK(!numbers.empty());
  const at::Tensor exact = scores.to(at::kDouble), labels = ToTensor(numbers);
  const double smoothing = 1 / static_cast<double>(numbers.size() + 2);
  // of 1 / temperature the cross-entropy is convex, so of its logarithm it has one least place
  const double log_temperature = Least(-std::log(kMostExtreme), std::log(kMostExtreme), [&](double log_temperature) {
    return LabelLoss(exact / std::exp(log_temperature), labels, smoothing).item<double>();
  });
  Calibration calibration{.temperature = std::exp(log_temperature)};
  calibration.error_before = CalibrationError(AnswersOf(scores, numbers, 1));
  calibration.error_after = CalibrationError(AnswersOf(scores, numbers, calibration.temperature));
  calibration.loss_before = LabelLoss(exact, labels, 0).item<double>();
  calibration.loss_after = LabelLoss(exact / calibration.temperature, labels, 0).item<double>();
  return calibration;
}

}  // namespace troupe::train
