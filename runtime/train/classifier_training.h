// Trains a classifier step by step, with labels alone (fine-tuning) or with a teacher as well (distillation). What is
// drawn for a step follows from the seed and the step's number alone, so a run that goes on from what Tensors() kept
// ends with the same weights as one that was never broken off.
//
// Owned by whoever runs the loop (train_classifier.h). On one thread; torch's threads help.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/train/adamw.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/recomputed.h"
#include "runtime/train/step_batches.h"
#include "runtime/train/training.h"
#include "runtime/train/whole_encoder.h"

namespace troupe::train {

struct TrainingOptions {
  int64_t epochs = 8;
  int64_t batch = 32;      // texts that go through the model together
  int64_t accumulate = 1;  // batches a step
  double rate = 1e-4;      // at the height of the schedule (LinearShare)
  double warmup = 0.06;    // share of the steps
  double dropout = 0.1;    // behind embeddings and each half of a layer, and before the head
  double smoothing = 0;    // of labels
  AdamWOptions optimizer;
  uint64_t seed = 1;
  Products products = Products::kFloat;
  Activations activations = Activations::kKept;
};

// A teacher and what it is heeded for. The loss is scores * ScoreLoss + (1 - scores) * LabelLoss + states * StateLoss.
// A teacher that knows fewer labels than its student knows the first ones; what it says is compared with those.
struct Teaching {
  WholeEncoder teacher;
  double scores = 0.9;
  double temperature = 2;
  double states = 0;
  // For each layer of the student the teacher's layer, from 0, whose state it is to have.
  std::vector<int64_t> layers;
  // One a text, each of which has a label: whether the teacher is heeded for it. Where it is not its label counts in
  // full. Empty: for each text. Not together with `states`.
  std::vector<bool> heeded;
};

class ClassifierTraining final : public Training {
 public:
  // `texts` has at least one text, of labels that the student has.
  ClassifierTraining(WholeEncoder student, EncodedTexts texts, const TrainingOptions& options,
                     std::optional<Teaching> teaching);

  int64_t steps_per_epoch() const override { return batches_.steps_per_epoch(); }
  int64_t steps() const override { return steps_per_epoch() * options_.epochs; }
  int64_t at() const override { return optimizer_.steps(); }

  const WholeEncoder& student() const { return student_; }
  std::vector<Parameter> Weights() const override { return student_.Parameters(); }

  std::vector<model::TensorOut> Tensors() const override { return optimizer_.Tensors(); }
  Status Restore(const model::Safetensors& file, int64_t at) override { return optimizer_.Restore(file, at); }

 private:
  at::Tensor Loss(const std::vector<size_t>& indices, Dropout& dropout) const;
  at::Tensor TaughtLoss(const std::vector<size_t>& indices, const ClassifierBatch& batch,
                        const WholeEncoder::Pass& own) const;
  at::Tensor HeededLoss(const std::vector<size_t>& indices, const at::Tensor& numbers, const at::Tensor& own,
                        const at::Tensor& shown) const;
  Result<double> TryStep() override;

  WholeEncoder student_;
  EncodedTexts texts_;
  TrainingOptions options_;
  std::optional<Teaching> teaching_;
  StepBatches batches_;
  AdamW optimizer_;
};

}  // namespace troupe::train
