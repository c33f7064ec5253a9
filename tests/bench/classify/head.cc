#include "tests/bench/classify/head.h"

#include <ATen/ATen.h>

#include <cmath>

namespace troupe::bench {
namespace {

constexpr double kRate = 0.1, kDecay = 1e-4, kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

// One parameter and what AdamW remembers of it.
struct Parameter {
  at::Tensor value, mean, square;
  explicit Parameter(at::Tensor start) : value(std::move(start)), mean(at::zeros_like(value)), square(mean.clone()) {}

  void Step(const at::Tensor& gradient, int step) {
    mean.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    square.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const double rate = kRate * std::sqrt(1 - std::pow(kBeta2, step)) / (1 - std::pow(kBeta1, step));
    value.mul_(1 - kRate * kDecay).addcdiv_(mean, square.sqrt().add_(kEpsilon), -rate);
  }
};

at::Tensor ToTensor(const std::vector<int64_t>& labels) {
  return at::from_blob(const_cast<int64_t*>(labels.data()), {static_cast<int64_t>(labels.size())}, at::kLong).clone();
}

}  // namespace

Head TrainHead(const at::Tensor& vectors, const std::vector<int64_t>& labels, int64_t count, int steps) {
  const at::Tensor wanted = at::one_hot(ToTensor(labels), count).to(at::kFloat);
  Parameter weight(at::zeros({vectors.size(1), count})), bias(at::zeros({count}));
  for (int step = 1; step <= steps; ++step) {
    const at::Tensor scores = at::softmax(at::addmm(bias.value, vectors, weight.value), 1);
    const at::Tensor gradient = (scores - wanted) / static_cast<double>(vectors.size(0));
    weight.Step(vectors.t().mm(gradient), step);
    bias.Step(gradient.sum(0), step);
  }
  return {weight.value, bias.value};
}

double Accuracy(const Head& head, const at::Tensor& vectors, const std::vector<int64_t>& labels) {
  const at::Tensor guesses = at::addmm(head.bias, vectors, head.weight).argmax(1);
  return 100 * guesses.eq(ToTensor(labels)).to(at::kDouble).mean().item<double>();
}

}  // namespace troupe::bench
