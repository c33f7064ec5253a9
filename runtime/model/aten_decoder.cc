#include "runtime/model/aten_decoder.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <c10/core/InferenceMode.h>

#include "runtime/model/step_failure.h"

namespace troupe::model {

AtenDecoder::AtenDecoder(std::unique_ptr<AtenLayers> layers)
    : layers_(std::move(layers)), pages_(layers_->config(), layers_->placement()) {}

Result<std::unique_ptr<AtenDecoder>> AtenDecoder::Load(const ModelConfig& config, const WeightSource& weights,
                                                       const Placement& placement) {
  TRY_ASSIGN(std::unique_ptr<AtenLayers> layers, AtenLayers::Load(config, weights, placement));
  return std::unique_ptr<AtenDecoder>(new AtenDecoder(std::move(layers)));
}

std::string AtenDecoder::compute() const { return layers_->placement().dtype == at::kFloat ? "fp32" : "bf16"; }

int64_t AtenDecoder::weight_bytes() const {
  return parameters() * static_cast<int64_t>(c10::elementSize(layers_->placement().dtype));
}

Result<std::span<float>> AtenDecoder::Forward(std::span<const Slice> slices) {
  TRY(CheckSlices(slices, config(), pages_.pages()));
  try {
    const c10::InferenceMode mode;
    logits_ = Run(slices).to(at::kCPU).contiguous();
    return std::span(logits_.data_ptr<float>(), static_cast<size_t>(logits_.numel()));
  } catch (const std::exception& failure) {
    return StepFailure(failure);
  }
}

// Computed here rather than looked up: a table of all positions is larger than a small model.
std::vector<AtenLayers::Turn> AtenDecoder::Turns(std::span<const Slice> slices, int64_t tokens) const {
  std::vector<AtenLayers::Turn> turns;
  for (const Rope& rope : layers_->ropes()) {
    const at::Tensor both = at::empty({2, tokens, 1, rope.pairs()}, at::TensorOptions().dtype(at::kFloat));
    auto* cosines = both.data_ptr<float>();
    for (const Slice& slice : slices) {
      const auto size = static_cast<int64_t>(slice.tokens.size());
      const int64_t first = slice.length;
      rope.Fill(first, size, first + size + slice.ahead, cosines, cosines + tokens * rope.pairs());
      cosines += size * rope.pairs();
    }
    turns.push_back(layers_->TurnOf(both));
  }
  return turns;
}

at::Tensor AtenDecoder::Run(std::span<const Slice> slices) {
  std::vector<int64_t> ids, wanted;
  for (const Slice& slice : slices) {
    ids.insert(ids.end(), slice.tokens.begin(), slice.tokens.end());
    const auto end = static_cast<int64_t>(ids.size());
    for (int64_t i = end - LogitRows(slice); i < end; ++i) wanted.push_back(i);
  }
  const auto tokens = static_cast<int64_t>(ids.size());
  const std::vector<AtenLayers::Turn> turns = Turns(slices, tokens);
  pages_.BeginStep(slices);
  const c10::Device device = layers_->placement().device;
  at::Tensor x = layers_->Run(IndexTensor(ids, device), turns,
                              [this](int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                                return pages_.Attend(layer, q, k, v);
                              });
  if (wanted.empty()) return at::empty({0, config().vocab_size}, at::TensorOptions().dtype(at::kFloat));
  if (static_cast<int64_t>(wanted.size()) != tokens) x = x.index_select(0, IndexTensor(wanted, device));
  return layers_->Logits(x);
}

}  // namespace troupe::model
