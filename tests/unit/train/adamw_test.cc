#include "runtime/train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace troupe::train {
namespace {

at::Tensor Filled(double value) { return at::full({3}, value, at::TensorOptions().dtype(at::kFloat)); }

// One value under the paper's algorithm, in double.
class ByHand {
 public:
  double Step(double value, double gradient, double rate, const AdamWOptions& o, double decay) {
    ++step_;
    mean_ = o.beta1 * mean_ + (1 - o.beta1) * gradient;
    square_ = o.beta2 * square_ + (1 - o.beta2) * gradient * gradient;
    const double mean = mean_ / (1 - std::pow(o.beta1, step_)), square = square_ / (1 - std::pow(o.beta2, step_));
    return value - rate * (mean / (std::sqrt(square) + o.epsilon) + decay * value);
  }

 private:
  double mean_ = 0, square_ = 0;
  int step_ = 0;
};

TEST(AdamW, StepsAreThoseOfThePaper) {
  // given a weight that decays and a bias that does not
  const AdamWOptions options{.decay = 0.1, .clip_norm = 0};
  const at::Tensor weight = Filled(0.5), bias = Filled(-2);
  AdamW optimizer({{"weight", weight, true}, {"bias", bias, false}}, options);
  ByHand of_weight, of_bias;
  double expected_weight = 0.5, expected_bias = -2;
  for (int step = 1; step <= 5; ++step) {
    // when both have gradients
    const double gradient = 0.3 * step - 0.7, rate = 0.01 * step;
    weight.mutable_grad() = Filled(gradient);
    bias.mutable_grad() = Filled(-gradient);
    optimizer.Step(rate);
    // then they move as computed by hand
    expected_weight = of_weight.Step(expected_weight, gradient, rate, options, 0.1);
    expected_bias = of_bias.Step(expected_bias, -gradient, rate, options, 0);
    EXPECT_NEAR(weight[1].item<double>(), expected_weight, 1e-6) << step;
    EXPECT_NEAR(bias[2].item<double>(), expected_bias, 1e-6) << step;
    EXPECT_FALSE(weight.grad().defined());
  }
  EXPECT_EQ(optimizer.steps(), 5);
}

TEST(AdamW, GradientsAreClippedByTheirCommonNorm) {
  // given gradients whose norm together is 10 * sqrt(6)
  const auto means = [](double clip_norm) {
    const at::Tensor a = Filled(0), b = Filled(0);
    AdamW optimizer({{"a", a}, {"b", b}}, {.clip_norm = clip_norm});
    a.mutable_grad() = Filled(10);
    b.mutable_grad() = Filled(-10);
    EXPECT_NEAR(optimizer.Step(0.1), 10 * std::sqrt(6), 1e-4);
    return std::pair(optimizer.means()[0][0].item<double>(), optimizer.means()[1][0].item<double>());
  };
  EXPECT_NEAR(means(1).first, 0.1 / std::sqrt(6), 1e-5);
  EXPECT_NEAR(means(1).second, -0.1 / std::sqrt(6), 1e-5);
  EXPECT_NEAR(means(100).first, 1, 1e-5);
  EXPECT_NEAR(means(0).first, 1, 1e-5);
}

TEST(AdamW, AGradientThatIsNoNumberChangesNothing) {
  const at::Tensor value = Filled(1);
  AdamW optimizer({{"value", value, true}}, {});
  value.mutable_grad() = Filled(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(std::isfinite(optimizer.Step(0.1)));
  EXPECT_EQ(optimizer.steps(), 0);
  EXPECT_TRUE(value.equal(Filled(1)));
}

TEST(AdamW, RatesRiseThenFallInLines) {
  EXPECT_NEAR(LinearShare(1, 100, 10), 0.1, 1e-9);
  EXPECT_NEAR(LinearShare(10, 100, 10), 1, 1e-9);
  EXPECT_NEAR(LinearShare(55, 100, 10), 46.0 / 91, 1e-9);
  EXPECT_NEAR(LinearShare(100, 100, 10), 1.0 / 91, 1e-9);
  EXPECT_NEAR(LinearShare(1, 1, 0), 0.5, 1e-9);
}

}  // namespace
}  // namespace troupe::train
