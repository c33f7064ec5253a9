#include "runtime/train/grade_answers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"
#include "runtime/train/token_loss.h"

namespace troupe::train {

Result<Grade> GradeAnswers(const WholeDecoder& decoder, const AnswerTexts& texts, Reader reader) {
  CHECK(!texts.empty());
  constexpr size_t kTogether = 32;
  try {
    const c10::AutoGradMode off(false);
    Grade grade;
    double tokens = 0;
    for (size_t begin = 0; begin < texts.size(); begin += kTogether) {
      std::vector<size_t> these(std::min(kTogether, texts.size() - begin));
      std::iota(these.begin(), these.end(), begin);
      const AnswerBatch batch = BatchAnswers(texts.At(these), reader);
      const at::Tensor logits = AnswerLogits(decoder, batch);
      grade.accuracy += logits.argmax(-1).eq(batch.targets).sum().item<double>();
      grade.loss += TokenLoss(logits, batch.targets).loss * static_cast<double>(batch.tokens());
      tokens += static_cast<double>(batch.tokens());
    }
    return Grade{grade.accuracy / tokens, grade.loss / tokens};
  } catch (const std::exception& failure) {
    return model::StepFailure(failure);
  }
}

}  // namespace troupe::train
