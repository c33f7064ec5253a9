#include "runtime/train/answer_batch.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

using testing::ElementsAre;

std::vector<int64_t> ValuesOf(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<int64_t>(), tensor.const_data_ptr<int64_t>() + tensor.numel()};
}

TEST(AnswerBatch, AnswersAreGuessedFromTheTokenBefore) {
  const std::vector<PromptAnswer> texts{{.prompt = {1, 2, 3}, .answer = {4, 31}},
                                        {.prompt = {5}, .answer = {6, 7, 31}}};
  const AnswerBatch batch = BatchAnswers(texts, Reader::kStudent);
  EXPECT_THAT(ValuesOf(batch.ids), ElementsAre(1, 2, 3, 4, 31, 5, 6, 7, 31, 0));
  EXPECT_THAT(ValuesOf(batch.rows), ElementsAre(2, 3, 5, 6, 7));
  EXPECT_THAT(ValuesOf(batch.targets), ElementsAre(4, 31, 6, 7, 31));
}

TEST(AnswerBatch, ATeacherReadsItsOwnPromptBeforeTheSameAnswer) {
  const std::vector<PromptAnswer> texts{{.prompt = {1}, .answer = {4, 31}, .shown = {9, 9, 1}},
                                        {.prompt = {5}, .answer = {6, 31}}};
  const AnswerBatch batch = BatchAnswers(texts, Reader::kTeacher);
  EXPECT_THAT(ValuesOf(batch.ids), ElementsAre(9, 9, 1, 4, 31, 5, 6, 31, 0, 0));
  EXPECT_THAT(ValuesOf(batch.rows), ElementsAre(2, 3, 5, 6));
  EXPECT_THAT(ValuesOf(batch.targets), ElementsAre(4, 31, 6, 31));
}

TEST(AnswerBatch, WhatFillsATextUpChangesNothing) {
  const c10::InferenceMode mode;
  const WholeDecoder decoder = TinyWriter();
  const std::vector<PromptAnswer> texts = TinyAnswers(5, 3);
  const at::Tensor together = AnswerLogits(decoder, BatchAnswers(texts, Reader::kStudent));
  int64_t row = 0;
  for (const PromptAnswer& text : texts) {
    const at::Tensor alone = AnswerLogits(decoder, BatchAnswers({&text, 1}, Reader::kStudent));
    EXPECT_LT((together.narrow(0, row, alone.size(0)) - alone).abs().max().item<double>(), 1e-5);
    row += alone.size(0);
  }
}

}  // namespace
}  // namespace troupe::train
