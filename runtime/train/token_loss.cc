#include "runtime/train/token_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/topk.h>
#include <c10/core/GradMode.h>

namespace troupe::train {
namespace {

// Below this a probability is none: what keeps the logarithm of what is left over a number.
constexpr double kLeast = 1e-8;

// The loss of each row summed up, and the gradient by the student's probability of each outcome, times that
// probability. Both are given as logarithms of probabilities, [tokens, outcomes].
struct Slope {
  double sum = 0;
  at::Tensor weighted;
};

Slope SlopeOf(const at::Tensor& own, const at::Tensor& wanted, const DivergenceOptions& options) {
  const auto sum = [](const at::Tensor& terms) { return terms.sum(at::kDouble).item<double>(); };
  if (options.divergence == Divergence::kForward) {
    const at::Tensor p = wanted.exp();
    return {sum(p * (wanted - own)), -p};
  }
  if (options.divergence == Divergence::kReverse) {
    at::Tensor weighted = own.exp().mul_(own - wanted);
    return {sum(weighted), weighted};
  }
  const double beta = options.beta;
  const at::Tensor p = wanted.exp(), q = own.exp();
  const at::Tensor mix = (beta * p).add_(q, 1 - beta).clamp_min_(kLeast * kLeast).log_();
  at::Tensor weighted = ((own - mix).mul_(q)).mul_(1 - beta);
  return {beta * sum(p * (wanted - mix)) + sum(weighted), weighted};
}

// What is left of 1 beside the outcomes [tokens, k], as a logarithm [tokens, 1].
at::Tensor LogRest(const at::Tensor& log_probs) {
  return (1 - log_probs.exp().sum(-1, true)).clamp_min_(kLeast).log_();
}

// Through the softmax: from the gradient by each probability, times it, to that by each logit.
LossGradient Finish(double sum, const at::Tensor& weighted, const at::Tensor& probabilities, const at::Tensor& total,
                    double temperature) {
  const auto tokens = static_cast<double>(probabilities.size(0));
  at::Tensor gradient = (weighted - probabilities * total).mul_(temperature / tokens);
  return {sum * temperature * temperature / tokens, std::move(gradient)};
}

}  // namespace

LossGradient TokenLoss(const at::Tensor& logits, const at::Tensor& targets) {
  const c10::AutoGradMode off(false);
  at::Tensor own = at::log_softmax(logits, -1);
  const at::Tensor at = targets.unsqueeze(-1);
  const auto tokens = static_cast<double>(logits.size(0));
  const double loss = -own.gather(-1, at).sum(at::kDouble).item<double>() / tokens;
  at::Tensor gradient = own.exp_();
  gradient.scatter_add_(-1, at, gradient.new_full({targets.size(0), 1}, -1.0));
  return {loss, gradient.div_(tokens)};
}

LossGradient DivergenceLoss(const at::Tensor& student, const at::Tensor& teacher, const DivergenceOptions& options) {
  const c10::AutoGradMode off(false);
  const at::Tensor own = at::log_softmax(student / options.temperature, -1);
  const Slope slope = SlopeOf(own, at::log_softmax(teacher / options.temperature, -1), options);
  return Finish(slope.sum, slope.weighted, own.exp(), slope.weighted.sum(-1, true), options.temperature);
}

TopTokens TopOf(const at::Tensor& teacher, int64_t k, double temperature) {
  const c10::AutoGradMode off(false);
  auto [log_probs, ids] = at::topk(at::log_softmax(teacher / temperature, -1), std::min(k, teacher.size(-1)));
  return {ids, log_probs};
}

LossGradient DivergenceLoss(const at::Tensor& student, const TopTokens& teacher, const DivergenceOptions& options) {
  const c10::AutoGradMode off(false);
  const int64_t k = teacher.ids.size(-1);
  const at::Tensor log_probs = at::log_softmax(student / options.temperature, -1);
  const at::Tensor known = log_probs.gather(-1, teacher.ids);
  const at::Tensor own = at::cat({known, LogRest(known)}, -1);
  const Slope slope = SlopeOf(own, at::cat({teacher.log_probs, LogRest(teacher.log_probs)}, -1), options);
  // a token of the rest has the rest's gradient, in its share of the rest
  const at::Tensor probabilities = log_probs.exp();
  const at::Tensor by_rest = slope.weighted.narrow(-1, k, 1) / own.narrow(-1, k, 1).exp();
  at::Tensor weighted = probabilities * by_rest;
  weighted.scatter_(-1, teacher.ids, slope.weighted.narrow(-1, 0, k));
  return Finish(slope.sum, weighted, probabilities, slope.weighted.sum(-1, true), options.temperature);
}

}  // namespace troupe::train
