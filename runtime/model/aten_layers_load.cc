// Weights into AtenLayers.
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/BFloat16.h>

#include "runtime/model/aten_layers.h"
#include "runtime/model/decoder_tensors.h"

namespace troupe::model {

class AtenLayersLoader {
 public:
  AtenLayersLoader(AtenLayers& model, const WeightSource& weights)
      : model_(model), c_(model.config_), tensors_(model.config_, weights) {}

  Status Load() {
    const DecoderConfig& d = c_.decoder;
    TRY_ASSIGN(const at::Tensor embedding,
               tensors_.Get(std::string(DecoderTensors::kEmbedding) + ".weight", {c_.vocab_size, c_.hidden}));
    model_.embedding_ = embedding.to(Options());
    model_.embedding_scale_ = d.embedding_scale;
    if (model_.placement_.dtype == at::kBFloat16) {  // rounded as in the models' own code
      model_.embedding_scale_ = static_cast<float>(c10::BFloat16(static_cast<float>(d.embedding_scale)));
    }
    for (int64_t i = 0; i < c_.layers; ++i) {
      TRY_ASSIGN(AtenLayers::Layer layer, LoadLayer(i));
      model_.layers_.push_back(std::move(layer));
    }
    TRY_ASSIGN(model_.norm_, Norm(DecoderTensors::kNorm, c_.hidden));
    const LinearTensors head = tensors_.Head();
    if (d.tied_embeddings) {
      model_.head_ = Linear::Dense(model_.embedding_, {}, model_.placement_);
    } else {
      TRY_ASSIGN(model_.head_, Join(head));
    }
    return tensors_.CheckAllUsed();
  }

 private:
  at::TensorOptions Options() const {
    return at::TensorOptions().device(model_.placement_.device).dtype(model_.placement_.dtype);
  }

  Result<at::Tensor> Norm(const std::string& name, int64_t size) {
    TRY_ASSIGN(const at::Tensor weight, tensors_.Norm(name, size));
    return weight.to(at::TensorOptions().device(model_.placement_.device).dtype(at::kFloat));
  }

  Result<Linear> Join(const LinearTensors& linear) {
    TRY_ASSIGN(const at::Tensor weight, tensors_.Weight(linear));
    TRY_ASSIGN(const at::Tensor bias, tensors_.Bias(linear));
    return Linear::Dense(weight, bias, model_.placement_);
  }

  Result<AtenLayers::Layer> LoadLayer(int64_t index) {
    AtenLayers::Layer layer;
    TRY(LoadParts(
        tensors_.Layer(index), c_, [this](const std::string& name, int64_t size) { return Norm(name, size); },
        [this](const LinearTensors& linear) { return Join(linear); }, layer));
    if (c_.decoder.qk_norm) {
      layer.qk_norm =
          at::cat({layer.q_norm.expand({c_.heads, c_.head_dim}), layer.k_norm.expand({c_.kv_heads, c_.head_dim})});
    }
    layer.rope = c_.decoder.layers[index].rope;
    return layer;
  }

  AtenLayers& model_;
  const ModelConfig& c_;
  DecoderTensors tensors_;
};

Result<std::unique_ptr<AtenLayers>> AtenLayers::Load(const ModelConfig& config, const WeightSource& weights,
                                                     const Placement& placement) {
  std::unique_ptr<AtenLayers> model;
  TRY(LoadWeights(config, [&] {
    const c10::InferenceMode mode;
    model.reset(new AtenLayers(config, placement));
    return AtenLayersLoader(*model, weights).Load();
  }));
  return model;
}

}  // namespace troupe::model
