// A small decoder that has learnt the job of tiny_answers.h, for students to learn from, also by what they write.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <vector>

#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {

// Always the likeliest token, two of them, with the weights as they are.
inline Result<std::vector<std::vector<int32_t>>> Greedy(WholeDecoder& student, std::span<const PromptAnswer> texts,
                                                        uint64_t) {
  std::vector<std::vector<int32_t>> answers;
  for (const PromptAnswer& text : texts) {
    PromptAnswer grown{.prompt = text.prompt, .answer = {0}};
    std::vector<int32_t> answer;
    for (int i = 0; i < 2; ++i) {
      const at::Tensor logits = AnswerLogits(student, BatchAnswers({&grown, 1}, Reader::kStudent));
      answer.push_back(static_cast<int32_t>(logits[0].argmax().item<int64_t>()));
      grown.prompt.push_back(answer.back());
    }
    answers.push_back(answer);
  }
  return answers;
}

// A decoder that has learnt the job.
inline const WholeDecoder& TinyTeacher() {
  static const WholeDecoder teacher = [] {
    DecoderTrainingOptions options = TinyDecoderOptions();
    options.epochs = 12;
    options.rate = 4e-3;
    static DecoderTraining training(TinyWriter(3), TinyAnswers(120, 1), options, std::nullopt);
    while (training.at() < training.steps()) EXPECT_TRUE(training.Step());
    return training.student();
  }();
  return teacher;
}

inline std::optional<DecoderTeaching> Taught(Divergence divergence, double on_policy, double scores = 1) {
  DecoderTeaching teaching{.scores = scores, .divergence = {.divergence = divergence}, .on_policy = on_policy};
  teaching.teacher = TinyTeacher();
  teaching.writer = Greedy;
  return teaching;
}

}  // namespace troupe::train
