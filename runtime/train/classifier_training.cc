#include "runtime/train/classifier_training.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/train/classifier_loss.h"
#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

constexpr uint64_t kDropout = 2;  // what a seed is drawn for

}  // namespace

ClassifierTraining::ClassifierTraining(WholeEncoder student, EncodedTexts texts, const TrainingOptions& options,
                                       std::optional<Teaching> teaching)
    : student_(std::move(student)),
      texts_(std::move(texts)),
      options_(options),
      teaching_(std::move(teaching)),
      batches_(LengthsOf(texts_), options.batch, options.accumulate, options.seed),
      optimizer_(student_.Parameters(), options.optimizer) {
  CHECK(texts_.size() > 0);
  CHECK(!teaching_ || teaching_->heeded.empty() ||
        (teaching_->heeded.size() == texts_.size() && teaching_->states == 0));
  student_.set_products(options_.products);
  student_.set_activations(options_.activations);
  if (teaching_) teaching_->teacher.set_products(options_.products);
}

at::Tensor ClassifierTraining::Loss(const std::vector<size_t>& indices, Dropout& dropout) const {
  const ClassifierBatch batch = BatchOf(texts_, indices);
  const WholeEncoder::Pass own = student_.Forward(batch.texts, &dropout);
  if (teaching_) return TaughtLoss(indices, batch, own);
  return LabelLoss(own.logits, batch.numbers, options_.smoothing);
}

at::Tensor ClassifierTraining::TaughtLoss(const std::vector<size_t>& indices, const ClassifierBatch& batch,
                                          const WholeEncoder::Pass& own) const {
  WholeEncoder::Pass shown;
  {
    const c10::AutoGradMode off(false);
    shown = teaching_->teacher.Forward(batch.texts);
  }
  const at::Tensor known = own.logits.narrow(1, 0, shown.logits.size(1));
  at::Tensor loss = LabelLoss(own.logits, batch.numbers, options_.smoothing);
  if (!teaching_->heeded.empty()) return loss + HeededLoss(indices, batch.numbers, own.logits, shown.logits);
  loss = (1 - teaching_->scores) * loss + teaching_->scores * ScoreLoss(known, shown.logits, teaching_->temperature);
  if (teaching_->states == 0) return loss;
  for (size_t i = 0; i < teaching_->layers.size(); ++i) {
    const auto layer = static_cast<size_t>(teaching_->layers[i]);
    loss = loss + teaching_->states / static_cast<double>(teaching_->layers.size()) *
                      StateLoss(own.states[i + 1], shown.states[layer + 1], batch.texts.mask);
  }
  return loss;
}

// What is added to the mean loss by labels of a batch, of which the teacher is heeded for some texts: theirs by the
// teacher's scores in place of as much of theirs by labels.
at::Tensor ClassifierTraining::HeededLoss(const std::vector<size_t>& indices, const at::Tensor& numbers,
                                          const at::Tensor& own, const at::Tensor& shown) const {
  std::vector<int64_t> heeded;
  for (size_t i = 0; i < indices.size(); ++i) {
    if (teaching_->heeded[indices[i]]) heeded.push_back(static_cast<int64_t>(i));
  }
  const at::Tensor rows = at::tensor(heeded, at::TensorOptions().dtype(at::kLong));
  const at::Tensor said = own.index_select(0, rows);
  if (heeded.empty()) return said.sum();
  const double share = static_cast<double>(heeded.size()) / static_cast<double>(indices.size());
  const at::Tensor by_teacher =
      ScoreLoss(said.narrow(1, 0, shown.size(1)), shown.index_select(0, rows), teaching_->temperature);
  const at::Tensor by_label = LabelLoss(said, numbers.index_select(0, rows), options_.smoothing);
  return teaching_->scores * share * (by_teacher - by_label);
}

Result<double> ClassifierTraining::TryStep() {
  const int64_t number = at() + 1;
  const auto batches = batches_.Of(number);
  size_t texts = 0;
  for (const auto& batch : batches) texts += batch.size();
  Dropout dropout(options_.dropout, SeedFor(SeedFor(options_.seed, kDropout), static_cast<uint64_t>(number)));
  double sum = 0;
  for (const auto& batch : batches) {
    const double share = static_cast<double>(batch.size()) / static_cast<double>(texts);
    const at::Tensor loss = Loss(batch, dropout) * share;
    sum += loss.item<double>();
    if (std::isfinite(sum)) loss.backward();
  }
  const auto warmup = static_cast<int64_t>(options_.warmup * static_cast<double>(steps()));
  const bool stepped =
      std::isfinite(sum) && std::isfinite(optimizer_.Step(options_.rate * LinearShare(number, steps(), warmup)));
  if (stepped) return sum;
  return WentAstray(number);
}

}  // namespace troupe::train
