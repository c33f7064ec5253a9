#include "runtime/train/decoder_training.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "runtime/train/shuffle.h"

namespace troupe::train {
namespace {

constexpr uint64_t kWriting = 3, kWhoWrites = 4, kAdapter = 5;  // what a seed is drawn for

// `a` and `b` in the shares 1 - share and share.
LossGradient Mix(LossGradient a, const LossGradient& b, double share) {
  a.gradient.mul_(1 - share).add_(b.gradient, share);
  return {(1 - share) * a.loss + share * b.loss, std::move(a.gradient)};
}

}  // namespace

DecoderTraining::DecoderTraining(WholeDecoder student, AnswerTexts texts, const DecoderTrainingOptions& options,
                                 std::optional<DecoderTeaching> teaching)
    : student_(std::move(student)),
      texts_(std::move(texts)),
      options_(options),
      teaching_(std::move(teaching)),
      batches_(texts_.Lengths(), options.batch, options.accumulate, options.seed),
      lora_(options.lora ? std::optional<Lora>(std::in_place, student_, *options.lora, SeedFor(options.seed, kAdapter))
                         : std::nullopt),
      optimizer_(lora_ ? lora_->Parameters() : student_.Parameters(), options.optimizer) {
  if (options_.products == Products::kBfloat16 && teaching_ && teaching_->teacher) {
    for (LinearPart* part : teaching_->teacher->Matrices()) part->weight = part->weight.to(at::kBFloat16);
  }
  if (options_.products == Products::kBfloat16 && lora_) {
    // these stay as they are; where they are tied it is one
    student_.embedding().weight = student_.embedding().weight.to(at::kBFloat16);
    student_.head().weight = student_.head().weight.to(at::kBFloat16);
  }
  const c10::AutoGradMode off(false);
  Refresh();
}

void DecoderTraining::Refresh() {
  if (lora_) return lora_->Apply(student_, options_.products);
  if (options_.products == Products::kFloat) return;
  // matrices come in one order, in the student and in the optimiser
  auto parameter = optimizer_.parameters().begin();
  for (LinearPart* part : student_.Matrices()) {
    while (parameter->name != part->name) ++parameter;
    part->weight = parameter->value.to(at::kBFloat16);
  }
}

bool DecoderTraining::IsOnPolicy(int64_t step) const {
  if (!teaching_ || teaching_->on_policy <= 0) return false;
  const uint64_t drawn = SeedFor(SeedFor(options_.seed, kWhoWrites), static_cast<uint64_t>(step));
  return static_cast<double>(drawn >> 11) * 0x1p-53 < teaching_->on_policy;
}

Result<DecoderTraining::Part> DecoderTraining::PartOf(std::span<const size_t> texts, bool is_own, uint64_t seed) {
  Part part{.texts = texts_.At(texts), .batch = {}};
  if (is_own) {
    TRY_ASSIGN(auto answers, teaching_->writer(student_, part.texts, seed));
    for (size_t i = 0; i < answers.size(); ++i) part.texts[i].answer = std::move(answers[i]);
  }
  part.batch = BatchAnswers(part.texts, Reader::kStudent);
  return part;
}

LossGradient DecoderTraining::Loss(const at::Tensor& logits, const Part& part, std::span<const size_t> texts,
                                   bool is_own) const {
  if (!teaching_) return TokenLoss(logits, part.batch.targets);
  const auto by_teacher = [&] {
    if (teaching_->stored && !is_own) {
      return DivergenceLoss(logits, teaching_->stored->Of(texts), teaching_->divergence);
    }
    const AnswerBatch shown = BatchAnswers(part.texts, Reader::kTeacher);
    return DivergenceLoss(logits, AnswerLogits(*teaching_->teacher, shown), teaching_->divergence);
  };
  if (is_own || teaching_->scores == 1) return by_teacher();
  LossGradient by_text = TokenLoss(logits, part.batch.targets);
  return teaching_->scores == 0 ? std::move(by_text) : Mix(std::move(by_text), by_teacher(), teaching_->scores);
}

Result<double> DecoderTraining::TryStep() {
  const int64_t number = at() + 1;
  const bool is_own = IsOnPolicy(number);
  const uint64_t seed = SeedFor(SeedFor(options_.seed, kWriting), static_cast<uint64_t>(number));
  std::vector<Part> parts;
  int64_t tokens = 0;
  const auto batches = batches_.Of(number);
  for (const auto& texts : batches) {
    const c10::AutoGradMode off(false);
    TRY_ASSIGN(Part part, PartOf(texts, is_own, SeedFor(seed, parts.size())));
    tokens += part.batch.tokens();
    parts.push_back(std::move(part));
  }
  double sum = 0;
  for (size_t i = 0; i < parts.size() && std::isfinite(sum); ++i) {
    Refresh();  // each part has a graph of its own
    const double share = static_cast<double>(parts[i].batch.tokens()) / static_cast<double>(tokens);
    const at::Tensor logits = AnswerLogits(student_, parts[i].batch, options_.activations);
    LossGradient loss;
    {
      const c10::AutoGradMode off(false);
      loss = Loss(logits, parts[i], batches[i], is_own);
    }
    sum += share * loss.loss;
    if (std::isfinite(sum)) logits.backward(loss.gradient.mul_(share));
  }
  const auto warmup = static_cast<int64_t>(options_.warmup * static_cast<double>(steps()));
  const bool stepped =
      std::isfinite(sum) && std::isfinite(optimizer_.Step(options_.rate * LinearShare(number, steps(), warmup)));
  const c10::AutoGradMode off(false);
  Refresh();
  if (!stepped) return WentAstray(number);
  return sum;
}

Status DecoderTraining::Restore(const model::Safetensors& file, int64_t at) {
  TRY(optimizer_.Restore(file, at));
  const c10::AutoGradMode off(false);
  Refresh();
  return {};
}

}  // namespace troupe::train
