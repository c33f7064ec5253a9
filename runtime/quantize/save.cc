#include "runtime/quantize/save.h"

#include <ATen/core/TensorBody.h>

#include "runtime/model/decoder_tensors.h"
#include "runtime/model/packed_grid.h"

namespace troupe::quantize {
namespace {

class Collector {
 public:
  Collector(const model::ModelConfig& config, const model::WeightSource& weights, const Grids& grids)
      : c_(config), weights_(weights), grids_(grids), names_(config, weights) {}

  Result<std::vector<model::TensorOut>> All() {
    TRY(Add({{{model::DecoderTensors::kEmbedding, c_.vocab_size}}, c_.hidden, false}));
    for (int64_t i = 0; i < c_.layers; ++i) {
      const model::LayerTensors layer = names_.Layer(i);
      for (const auto* linear : {&layer.qkv, &layer.out, &layer.gate_up, &layer.down}) TRY(Add(*linear));
      for (const auto* name :
           {&layer.attention_norm, &layer.attention_post_norm, &layer.ffn_norm, &layer.ffn_post_norm}) {
        TRY(AddValues(*name, {c_.hidden}));
      }
      for (const auto* name : {&layer.q_norm, &layer.k_norm}) TRY(AddValues(*name, {c_.head_dim}));
    }
    TRY(AddValues(model::DecoderTensors::kNorm, {c_.hidden}));
    if (!c_.decoder.tied_embeddings) TRY(Add(names_.Head()));
    return std::move(tensors_);
  }

 private:
  Status Add(const model::LinearTensors& linear) {
    for (const auto& [name, rows] : linear.parts) {
      const std::string weight = name + ".weight";
      if (const auto grid = grids_.find(weight); grid != grids_.end()) {
        for (model::TensorOut& tensor : model::PackGrid(weight, grid->second)) tensors_.push_back(std::move(tensor));
      } else {
        TRY(AddValues(weight, {rows, linear.columns}));
      }
      if (linear.has_bias) TRY(AddValues(name + ".bias", {rows}));
    }
    return {};
  }

  Status AddValues(const std::string& name, std::vector<int64_t> shape) {
    if (name.empty()) return {};  // a norm that the family does not have
    TRY_ASSIGN(const at::Tensor tensor, weights_.Load(name, shape));
    const at::Tensor whole = tensor.contiguous();
    const std::span<const float> values(whole.const_data_ptr<float>(), static_cast<size_t>(whole.numel()));
    tensors_.push_back(model::TensorOut::Of(name, model::Format::kF32, std::move(shape), values));
    return {};
  }

  const model::ModelConfig& c_;
  const model::WeightSource& weights_;
  const Grids& grids_;
  model::DecoderTensors names_;
  std::vector<model::TensorOut> tensors_;
};

}  // namespace

Result<std::vector<model::TensorOut>> ToTensors(const model::ModelConfig& config, const model::WeightSource& weights,
                                                const Grids& grids) {
  return Collector(config, weights, grids).All();
}

}  // namespace troupe::quantize
