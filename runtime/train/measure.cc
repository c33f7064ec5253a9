#include "runtime/train/measure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"
#include "runtime/train/classifier_loss.h"

namespace troupe::train {

Result<Grade> Measure(const WholeEncoder& encoder, const EncodedTexts& texts) {
  CHECK(texts.size() > 0);
  constexpr size_t kTogether = 64;
  try {
    const c10::AutoGradMode off(false);
    std::vector<size_t> order(texts.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return texts.ids[a].size() < texts.ids[b].size(); });
    Grade grade;
    for (size_t begin = 0; begin < order.size(); begin += kTogether) {
      const auto part = std::span(order).subspan(begin, std::min(kTogether, order.size() - begin));
      const ClassifierBatch batch = BatchOf(texts, part);
      const at::Tensor logits = encoder.Forward(batch.texts).logits;
      grade.accuracy += logits.argmax(-1).eq(batch.numbers).sum().item<double>();
      grade.loss += LabelLoss(logits, batch.numbers, 0).item<double>() * static_cast<double>(part.size());
    }
    grade.accuracy /= static_cast<double>(texts.size());
    grade.loss /= static_cast<double>(texts.size());
    return grade;
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

}  // namespace troupe::train
