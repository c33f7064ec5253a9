// Trains a decoder to answer, step by step: with answers that are given (fine-tuning, or distillation of what a teacher
// wrote), with a teacher's distributions of their tokens, or on what the decoder itself writes while it learns, each
// token judged by the teacher (on-policy, Agarwal et al., 2024, arXiv:2306.13649). What is drawn for a step follows
// from the seed and the step's number alone, and what the student writes from that and its weights, so a run that goes
// on from what Tensors() kept ends with the same weights as one that was never broken off.
//
// Owned by whoever runs the loop (training_run.h). On one thread; torch's threads help.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/adamw.h"
#include "runtime/train/answer_batch.h"
#include "runtime/train/answer_texts.h"
#include "runtime/train/lora.h"
#include "runtime/train/products.h"
#include "runtime/train/recomputed.h"
#include "runtime/train/step_batches.h"
#include "runtime/train/stored_top.h"
#include "runtime/train/token_loss.h"
#include "runtime/train/training.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

struct DecoderTrainingOptions {
  int64_t epochs = 3;
  int64_t batch = 16;      // texts that go through the model together
  int64_t accumulate = 1;  // batches a step
  double rate = 1e-4;      // at the height of the schedule (LinearShare)
  double warmup = 0.06;    // share of the steps
  AdamWOptions optimizer{.beta2 = 0.98, .decay = 0.01};
  uint64_t seed = 1;
  Products products = Products::kFloat;
  Activations activations = Activations::kKept;
  // Set: only an adapter of this shape is trained.
  std::optional<LoraOptions> lora;
};

// Answers of `student` to prompts, each with the token that ends it or as long as it may be. The same weights, prompts
// and seed give the same answers.
using AnswerWriter = std::function<Result<std::vector<std::vector<int32_t>>>(
    WholeDecoder& student, std::span<const PromptAnswer> texts, uint64_t seed)>;

// A teacher and what it is heeded for. The loss of an answer that is given is
// scores * DivergenceLoss + (1 - scores) * TokenLoss, that of one that the student wrote DivergenceLoss alone.
struct DecoderTeaching {
  // Asked about each batch; may be none where `stored` has what it says and the student writes nothing.
  std::optional<WholeDecoder> teacher;
  // What it says of the answers that are given; null: it is asked.
  std::unique_ptr<const StoredTop> stored;
  double scores = 1;
  DivergenceOptions divergence;
  // Share of the steps whose answers the student writes; `writer` does it.
  double on_policy = 0;
  AnswerWriter writer;
};

class DecoderTraining final : public Training {
 public:
  // `student` has memory of its own; there is at least one text.
  DecoderTraining(WholeDecoder student, AnswerTexts texts, const DecoderTrainingOptions& options,
                  std::optional<DecoderTeaching> teaching);

  int64_t steps_per_epoch() const override { return batches_.steps_per_epoch(); }
  int64_t steps() const override { return steps_per_epoch() * options_.epochs; }
  int64_t at() const override { return optimizer_.steps(); }

  std::vector<Parameter> Weights() const override { return optimizer_.parameters(); }
  std::vector<model::TensorOut> Tensors() const override { return optimizer_.Tensors(); }
  Status Restore(const model::Safetensors& file, int64_t at) override;

  // As it would serve now.
  const WholeDecoder& student() const { return student_; }

 private:
  // The weights that products are made with, out of those that are trained.
  void Refresh();
  bool IsOnPolicy(int64_t step) const;
  // Some of the texts, with their answers or those that the student writes.
  struct Part {
    std::vector<PromptAnswer> texts;
    AnswerBatch batch;
  };
  Result<Part> PartOf(std::span<const size_t> texts, bool is_own, uint64_t seed);
  LossGradient Loss(const at::Tensor& logits, const Part& part, std::span<const size_t> texts, bool is_own) const;
  Result<double> TryStep() override;

  WholeDecoder student_;
  AnswerTexts texts_;
  DecoderTrainingOptions options_;
  std::optional<DecoderTeaching> teaching_;
  StepBatches batches_;
  std::optional<Lora> lora_;
  AdamW optimizer_;
};

}  // namespace troupe::train
