#include "runtime/train/new_labels.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include "runtime/base/check.h"
#include "runtime/train/outputs.h"

namespace troupe::train {

Status AddLabels(WholeEncoder& encoder, const std::vector<std::string>& labels, const EncodedTexts& texts) {
  if (labels.empty()) return {};
  TRY_ASSIGN(const Outputs outputs, ComputeOutputs(encoder, texts));
  const at::Tensor everything = outputs.pooled.mean(0);
  const double length = encoder.head_weight().norm(2, {1}).mean().item<double>();
  const at::Tensor numbers = at::tensor(texts.numbers, at::TensorOptions().dtype(at::kLong));
  std::vector<at::Tensor> rows, biases;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto number = static_cast<int64_t>(encoder.config().labels.size() + i);
    const at::Tensor own = numbers.eq(number).nonzero().flatten();
    CHECK(own.numel() > 0);
    const at::Tensor mean = outputs.pooled.index_select(0, own).mean(0), apart = mean - everything;
    // where all texts are this label's nothing sets them apart
    rows.push_back(apart * (length / apart.norm().clamp_min(1e-6)));
    biases.push_back(-rows.back().dot((mean + everything) / 2));
  }
  encoder.AddLabels(labels, at::stack(rows), at::stack(biases));
  return {};
}

}  // namespace troupe::train
