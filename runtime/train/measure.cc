#include "runtime/train/measure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/tensor.h>

#include "runtime/train/classifier_loss.h"
#include "runtime/train/outputs.h"

namespace troupe::train {

Result<Grade> Measure(const WholeEncoder& encoder, const EncodedTexts& texts) {
  TRY_ASSIGN(const Outputs outputs, ComputeOutputs(encoder, texts));
  const at::Tensor numbers = at::tensor(texts.numbers, at::TensorOptions().dtype(at::kLong));
  const double right = outputs.logits.argmax(-1).eq(numbers).sum().item<double>();
  return Grade{.accuracy = right / static_cast<double>(texts.size()),
               .loss = LabelLoss(outputs.logits.to(at::kDouble), numbers, 0).item<double>()};
}

}  // namespace troupe::train
