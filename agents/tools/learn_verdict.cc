#include "agents/tools/learn_verdict.h"

#include <ATen/core/TensorBody.h>

#include "runtime/train/outputs.h"

namespace troupe::tools {

Result<LearnVerdict> JudgeLearning(const LearnRecipe& recipe, const LearnJob& job) {
  train::WholeEncoder student = job.training->student();
  student.set_products(train::Products::kFloat);  // as the old one is asked
  const std::vector<int64_t>& numbers = job.held_back.numbers;
  TRY_ASSIGN(const train::Outputs before, train::ComputeOutputs(*job.old, job.held_back));
  TRY_ASSIGN(const train::Outputs now, train::ComputeOutputs(student, job.held_back));
  const at::Tensor old_says = before.logits.argmax(-1), new_says = now.logits.argmax(-1);
  std::vector<train::JudgedPair> pairs;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto from = i < job.held_back_lessons ? train::PairFrom::kLesson : train::PairFrom::kOldExample;
    pairs.push_back({from, numbers[i], old_says.const_data_ptr<int64_t>()[i], new_says.const_data_ptr<int64_t>()[i]});
  }
  LearnVerdict verdict;
  verdict.gate = train::Judge(pairs, student.config().labels, job.old->config().labels.size(), recipe.gate);
  verdict.calibration = train::Calibrate(now.logits, numbers);
  verdict.escalation =
      train::ChooseEscalation(train::AnswersOf(now.logits, numbers, verdict.calibration.temperature), recipe.escalate);
  return verdict;
}

}  // namespace troupe::tools
