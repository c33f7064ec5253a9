// Weights into a CpuDecoder.
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/InferenceMode.h>

#include "runtime/model/cpu_decoder.h"
#include "runtime/model/decoder_tensors.h"

namespace troupe::model {
namespace {

std::span<const float> Floats(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
}

std::vector<float> ToVector(const at::Tensor& tensor) {
  const at::Tensor whole = tensor.contiguous();
  const auto floats = Floats(whole);
  return {floats.begin(), floats.end()};
}

}  // namespace

class CpuDecoderLoader {
 public:
  CpuDecoderLoader(CpuDecoder& model, const WeightSource& weights)
      : model_(model), c_(model.config_), weights_(weights), tensors_(model.config_, weights) {}

  Status Load() {
    for (int64_t i = 0; i < c_.layers; ++i) {
      TRY_ASSIGN(CpuDecoder::Layer layer, LoadLayer(tensors_.Layer(i)));
      layer.rope = c_.decoder.layers[static_cast<size_t>(i)].rope;
      layer.window = c_.decoder.layers[static_cast<size_t>(i)].window;
      model_.layers_.push_back(std::move(layer));
    }
    TRY_ASSIGN(model_.norm_, Norm(DecoderTensors::kNorm, c_.hidden));
    TRY_ASSIGN(model_.head_, Load(tensors_.Head()));
    if (!c_.decoder.tied_embeddings) {
      const LinearTensors embedding{{{DecoderTensors::kEmbedding, c_.vocab_size}}, c_.hidden, false};
      TRY_ASSIGN(CpuDecoder::Linear table, Load(embedding));
      model_.own_embedding_ = std::move(table.matrix);
    }
    return tensors_.CheckAllUsed();
  }

 private:
  Result<std::vector<float>> Norm(const std::string& name, int64_t size) {
    if (name.empty()) return std::vector<float>();
    TRY_ASSIGN(const at::Tensor weight, tensors_.Norm(name, size));
    return ToVector(weight);
  }

  Result<CpuDecoder::Linear> Load(const LinearTensors& tensors) {
    CpuDecoder::Linear linear;
    TRY_ASSIGN(linear.matrix, LoadMatrix(tensors));
    TRY_ASSIGN(const at::Tensor bias, tensors_.Bias(tensors));
    if (bias.defined()) linear.bias = ToVector(bias);
    return linear;
  }

  Result<kernels::Matrix> LoadMatrix(const LinearTensors& tensors) {
    const WeightFormat format = model_.options_.weights;
    int bits = format == WeightFormat::kInt4 ? 4 : format == WeightFormat::kInt8 ? 8 : 0;
    int64_t group = tensors.columns % 64 == 0 ? 64 : 32;
    if (format == WeightFormat::kStored) {
      TRY_ASSIGN(const auto grid, tensors_.Grid(tensors));
      if (grid) return kernels::Matrix::FromGrid(*grid);
      if (weights_.IsQuantized(tensors.parts.front().name + ".weight")) {
        bits = 8;
        group = 32;
      }
    }
    TRY_ASSIGN(const at::Tensor weight, tensors_.Weight(tensors));
    const at::Tensor whole = weight.contiguous();
    const int64_t rows = whole.size(0);
    if (format == WeightFormat::kF32 || bits == 0 || tensors.columns % group != 0) {
      return kernels::Matrix::FromFloats(Floats(whole), rows, tensors.columns,
                                         format == WeightFormat::kF32 ? kernels::Format::kF32 : kernels::Format::kBf16);
    }
    return kernels::Matrix::FromGrid(kernels::RoundToGrid(Floats(whole), rows, tensors.columns, bits, group));
  }

  Result<CpuDecoder::Layer> LoadLayer(const LayerTensors& tensors) {
    CpuDecoder::Layer layer;
    TRY_ASSIGN(layer.attention_norm, Norm(tensors.attention_norm, c_.hidden));
    TRY_ASSIGN(layer.qkv, Load(tensors.qkv));
    TRY_ASSIGN(layer.q_norm, Norm(tensors.q_norm, c_.head_dim));
    TRY_ASSIGN(layer.k_norm, Norm(tensors.k_norm, c_.head_dim));
    TRY_ASSIGN(layer.out, Load(tensors.out));
    TRY_ASSIGN(layer.attention_post_norm, Norm(tensors.attention_post_norm, c_.hidden));
    TRY_ASSIGN(layer.ffn_norm, Norm(tensors.ffn_norm, c_.hidden));
    TRY_ASSIGN(layer.gate_up, Load(tensors.gate_up));
    TRY_ASSIGN(layer.down, Load(tensors.down));
    TRY_ASSIGN(layer.ffn_post_norm, Norm(tensors.ffn_post_norm, c_.hidden));
    return layer;
  }

  CpuDecoder& model_;
  const ModelConfig& c_;
  const WeightSource& weights_;
  DecoderTensors tensors_;
};

Result<std::unique_ptr<CpuDecoder>> CpuDecoder::Load(const ModelConfig& config, const WeightSource& weights,
                                                     const CpuOptions& options) {
  std::unique_ptr<CpuDecoder> model;
  TRY(LoadWeights(config, [&] {
    const c10::InferenceMode mode;
    model.reset(new CpuDecoder(config, options));
    return CpuDecoderLoader(*model, weights).Load();
  }));
  return model;
}

}  // namespace troupe::model
