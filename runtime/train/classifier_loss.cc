#include "runtime/train/classifier_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/log_softmax.h>

#include <algorithm>

#include "runtime/train/labelled_texts.h"

namespace troupe::train {

at::Tensor LabelLoss(const at::Tensor& logits, const at::Tensor& numbers, double smoothing) {
  const auto labelled = std::max<int64_t>(1, (numbers != kNoLabel).sum().item<int64_t>());
  const at::Tensor sum = at::cross_entropy_loss(logits, numbers, {}, at::Reduction::Sum, kNoLabel, smoothing);
  return sum / static_cast<double>(labelled);
}

at::Tensor ScoreLoss(const at::Tensor& student, const at::Tensor& teacher, double temperature) {
  const at::Tensor own = at::log_softmax(student / temperature, -1);
  const at::Tensor wanted = at::log_softmax(teacher / temperature, -1);
  return at::kl_div(own, wanted, at::Reduction::Sum, true) * (temperature * temperature / student.size(0));
}

at::Tensor StateLoss(const at::Tensor& student, const at::Tensor& teacher, const at::Tensor& mask) {
  const at::Tensor squares = (student - teacher).pow(2).mean(-1);
  if (!mask.defined()) return squares.mean();
  const at::Tensor weights = mask.to(at::kFloat);
  return (squares * weights).sum() / weights.sum();
}

}  // namespace troupe::train
