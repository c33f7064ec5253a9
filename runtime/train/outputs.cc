#include "runtime/train/outputs.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"
#include "runtime/train/length_batches.h"

namespace troupe::train {
namespace {

// Rows that came in `order` as rows 0, 1, 2 and so on.
at::Tensor InPlace(const std::vector<at::Tensor>& parts, const at::Tensor& order) {
  const at::Tensor rows = at::cat(parts);
  return at::empty_like(rows).index_copy_(0, order, rows);
}

}  // namespace

Result<Outputs> ComputeOutputs(const WholeEncoder& encoder, const EncodedTexts& texts) {
  CHECK(texts.size() > 0);
  constexpr size_t kTogether = 64;
  try {
    const c10::AutoGradMode off(false);
    const std::vector<size_t> order = ShortestFirst(LengthsOf(texts));
    std::vector<at::Tensor> pooled, logits;
    for (size_t begin = 0; begin < order.size(); begin += kTogether) {
      const auto part = std::span(order).subspan(begin, std::min(kTogether, order.size() - begin));
      const WholeEncoder::Pass pass = encoder.Forward(BatchOf(texts, part).texts);
      pooled.push_back(pass.pooled);
      logits.push_back(pass.logits);
    }
    const at::Tensor places =
        at::tensor(std::vector<int64_t>(order.begin(), order.end()), at::TensorOptions().dtype(at::kLong));
    return Outputs{InPlace(pooled, places), InPlace(logits, places)};
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

}  // namespace troupe::train
