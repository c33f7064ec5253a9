// Weights into an AtenDecoder, by Hugging Face's names.
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/BFloat16.h>

#include <set>

#include "runtime/model/aten_decoder.h"

namespace troupe::model {

class AtenDecoderLoader {
 public:
  AtenDecoderLoader(AtenDecoder& model, const WeightSource& weights)
      : model_(model), c_(model.config_), weights_(weights) {}

  Status Load() {
    const DecoderConfig& d = c_.decoder;
    TRY_ASSIGN(const at::Tensor embedding, Get("model.embed_tokens.weight", {c_.vocab_size, c_.hidden}));
    model_.embedding_ = embedding.to(Options());
    model_.embedding_scale_ = d.embedding_scale;
    if (model_.placement_.dtype == at::kBFloat16) {  // rounded as in the models' own code
      model_.embedding_scale_ = static_cast<float>(c10::BFloat16(static_cast<float>(d.embedding_scale)));
    }
    for (int64_t i = 0; i < c_.layers; ++i) {
      TRY_ASSIGN(AtenDecoder::Layer layer, LoadLayer("model.layers." + std::to_string(i) + "."));
      layer.rope = d.layers[i].rope;
      model_.layers_.push_back(std::move(layer));
    }
    TRY_ASSIGN(model_.norm_, Norm("model.norm.weight", c_.hidden));
    if (d.tied_embeddings) {
      model_.head_ = Linear::Dense(model_.embedding_, {}, model_.placement_);
      asked_.insert("lm_head.weight");  // some files repeat it
    } else {
      TRY_ASSIGN(const at::Tensor head, Get("lm_head.weight", {c_.vocab_size, c_.hidden}));
      model_.head_ = Linear::Dense(head, {}, model_.placement_);
    }
    return CheckAllUsed();
  }

 private:
  at::TensorOptions Options() const {
    return at::TensorOptions().device(model_.placement_.device).dtype(model_.placement_.dtype);
  }

  Result<at::Tensor> Get(const std::string& name, std::vector<int64_t> shape) {
    asked_.insert(name);
    return weights_.Load(name, std::move(shape));
  }

  Result<at::Tensor> Norm(const std::string& name, int64_t size) {
    TRY_ASSIGN(at::Tensor weight, Get(name, {size}));
    if (c_.decoder.norm_offset != 0) weight = weight + c_.decoder.norm_offset;
    return weight.to(at::TensorOptions().device(model_.placement_.device).dtype(at::kFloat));
  }

  // Several layers over the same input as one product.
  struct Part {
    std::string name;
    int64_t out;
  };
  Result<Linear> Join(const std::vector<Part>& parts, int64_t in, bool has_bias) {
    std::vector<at::Tensor> weights, biases;
    for (const Part& part : parts) {
      TRY_ASSIGN(at::Tensor weight, Get(part.name + ".weight", {part.out, in}));
      weights.push_back(std::move(weight));
      if (!has_bias) continue;
      TRY_ASSIGN(at::Tensor bias, Get(part.name + ".bias", {part.out}));
      biases.push_back(std::move(bias));
    }
    return Linear::Dense(at::cat(weights), has_bias ? at::cat(biases) : at::Tensor(), model_.placement_);
  }

  Result<AtenDecoder::Layer> LoadLayer(const std::string& prefix) {
    const DecoderConfig& d = c_.decoder;
    const int64_t q_rows = c_.heads * c_.head_dim;
    const int64_t kv_rows = c_.kv_heads * c_.head_dim;
    const std::string self = prefix + "self_attn.";
    AtenDecoder::Layer layer;
    TRY_ASSIGN(layer.attention_norm, Norm(prefix + "input_layernorm.weight", c_.hidden));
    std::vector<Part> qkv{Part{self + "q_proj", q_rows}, Part{self + "k_proj", kv_rows},
                          Part{self + "v_proj", kv_rows}};
    if (weights_.Has(self + "qkv_proj.weight")) qkv = {Part{self + "qkv_proj", q_rows + 2 * kv_rows}};  // Phi-3
    TRY_ASSIGN(layer.qkv, Join(qkv, c_.hidden, d.qkv_bias));
    if (d.qk_norm) {
      TRY_ASSIGN(const at::Tensor q, Norm(self + "q_norm.weight", c_.head_dim));
      TRY_ASSIGN(const at::Tensor k, Norm(self + "k_norm.weight", c_.head_dim));
      layer.qk_norm = at::cat({q.expand({c_.heads, c_.head_dim}), k.expand({c_.kv_heads, c_.head_dim})});
    }
    TRY_ASSIGN(layer.out, Join({Part{self + "o_proj", c_.hidden}}, q_rows, d.out_bias));
    if (d.post_norms) {
      TRY_ASSIGN(layer.attention_post_norm, Norm(prefix + "post_attention_layernorm.weight", c_.hidden));
      TRY_ASSIGN(layer.ffn_norm, Norm(prefix + "pre_feedforward_layernorm.weight", c_.hidden));
      TRY_ASSIGN(layer.ffn_post_norm, Norm(prefix + "post_feedforward_layernorm.weight", c_.hidden));
    } else {
      TRY_ASSIGN(layer.ffn_norm, Norm(prefix + "post_attention_layernorm.weight", c_.hidden));
    }
    std::vector<Part> gate_up{Part{prefix + "mlp.gate_proj", c_.ffn}, Part{prefix + "mlp.up_proj", c_.ffn}};
    if (weights_.Has(prefix + "mlp.gate_up_proj.weight") && !weights_.Has(prefix + "mlp.gate_proj.weight")) {
      gate_up = {Part{prefix + "mlp.gate_up_proj", 2 * c_.ffn}};  // Phi-3
    }
    TRY_ASSIGN(layer.gate_up, Join(gate_up, c_.hidden, d.mlp_bias));
    TRY_ASSIGN(layer.down, Join({Part{prefix + "mlp.down_proj", c_.hidden}}, c_.ffn, d.mlp_bias));
    return layer;
  }

  Status CheckAllUsed() const {
    for (const std::string& name : weights_.Unused(asked_)) {
      if (name.ends_with(".rotary_emb.inv_freq")) continue;  // older files keep what follows from the configuration
      return Error{Code::kUnimplemented,
                   "tensor \"" + name.substr(0, 200) + "\" is no part of a \"" + c_.architecture +
                       "\" model as it is known here: the model does more than its configuration says, or the "
                       "configuration is another model's"};
    }
    return {};
  }

  AtenDecoder& model_;
  const ModelConfig& c_;
  const WeightSource& weights_;
  std::set<std::string, std::less<>> asked_;
};

Result<std::unique_ptr<AtenDecoder>> AtenDecoder::Load(const ModelConfig& config, const WeightSource& weights,
                                                       const Placement& placement) {
  if (config.family != Family::kDecoder) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model does not generate text"};
  }
  try {
    const c10::InferenceMode mode;
    std::unique_ptr<AtenDecoder> model(new AtenDecoder(config, placement));
    TRY(AtenDecoderLoader(*model, weights).Load());
    return model;
  } catch (const std::exception& failure) {
    return Exhausted(std::string("loading the weights failed: ") + failure.what());
  }
}

}  // namespace troupe::model
