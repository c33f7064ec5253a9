// Weights into a CpuDecoder.
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/InferenceMode.h>

#include "runtime/model/cpu_decoder.h"
#include "runtime/model/cpu_layers.h"
#include "runtime/model/decoder_tensors.h"

namespace troupe::model {
class CpuDecoderLoader {
 public:
  CpuDecoderLoader(CpuDecoder& model, const WeightSource& weights)
      : model_(model), c_(model.config_), weights_(weights), tensors_(model.config_, weights) {}

  Status Load() {
    for (int64_t i = 0; i < c_.layers; ++i) {
      CpuDecoder::Layer layer;
      TRY(LoadParts(
          tensors_.Layer(i), c_, [this](const std::string& name, int64_t size) { return Norm(name, size); },
          [this](const LinearTensors& linear) { return Load(linear); }, layer));
      layer.rope = c_.decoder.layers[static_cast<size_t>(i)].rope;
      layer.window = c_.decoder.layers[static_cast<size_t>(i)].window;
      model_.layers_.push_back(std::move(layer));
    }
    TRY_ASSIGN(model_.norm_, Norm(DecoderTensors::kNorm, c_.hidden));
    TRY_ASSIGN(model_.head_, Load(tensors_.Head()));
    if (!c_.decoder.tied_embeddings) {
      const LinearTensors embedding{{{DecoderTensors::kEmbedding, c_.vocab_size}}, c_.hidden, false};
      TRY_ASSIGN(CpuLinear table, Load(embedding));
      model_.own_embedding_ = std::move(table.matrix);
    }
    return tensors_.CheckAllUsed();
  }

 private:
  Result<std::vector<float>> Norm(const std::string& name, int64_t size) {
    TRY_ASSIGN(const at::Tensor weight, tensors_.Norm(name, size));
    return ToVector(weight);
  }

  Result<CpuLinear> Load(const LinearTensors& tensors) {
    CpuLinear linear;
    TRY_ASSIGN(linear.matrix, LoadMatrix(tensors));
    TRY_ASSIGN(const at::Tensor bias, tensors_.Bias(tensors));
    linear.bias = ToVector(bias);
    return linear;
  }

  Result<kernels::Matrix> LoadMatrix(const LinearTensors& tensors) {
    WeightFormat format = model_.options_.weights;
    int64_t group = 64;
    if (format == WeightFormat::kStored) {
      TRY_ASSIGN(const auto grid, tensors_.Grid(tensors));
      if (grid) return kernels::Matrix::FromGrid(*grid);
      if (weights_.IsQuantized(tensors.parts.front().name + ".weight")) {
        format = WeightFormat::kInt8;
        group = 32;
      }
    }
    TRY_ASSIGN(const at::Tensor weight, tensors_.Weight(tensors));
    return PackWeight(weight, format, group);
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
