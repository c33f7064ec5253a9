#include "runtime/train/grade_answers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/model/step_failure.h"
#include "runtime/train/token_loss.h"

namespace troupe::train {

Result<Grade> GradeAnswers(const WholeDecoder& decoder, std::span<const PromptAnswer> texts, Reader reader) {
  CHECK(!texts.empty());
  constexpr size_t kTogether = 32;
  try {
    const c10::AutoGradMode off(false);
    Grade grade;
    double tokens = 0;
    for (size_t begin = 0; begin < texts.size(); begin += kTogether) {
      const AnswerBatch batch = BatchAnswers(texts.subspan(begin, std::min(kTogether, texts.size() - begin)), reader);
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
