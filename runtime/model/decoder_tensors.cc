#include "runtime/model/decoder_tensors.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>

#include <exception>
#include <utility>

#include "runtime/model/step_failure.h"

namespace troupe::model {
namespace {

// Rows of `more` below those of `grid`. False where they are of another kind.
bool Append(kernels::Grid& grid, kernels::Grid more) {
  if (more.columns != grid.columns || more.bits != grid.bits || more.group != grid.group ||
      more.symmetric() != grid.symmetric()) {
    return false;
  }
  grid.rows += more.rows;
  grid.codes.insert(grid.codes.end(), more.codes.begin(), more.codes.end());
  grid.scales.insert(grid.scales.end(), more.scales.begin(), more.scales.end());
  grid.offsets.insert(grid.offsets.end(), more.offsets.begin(), more.offsets.end());
  return true;
}

at::Tensor Together(const std::vector<at::Tensor>& tensors) {
  return tensors.size() == 1 ? tensors[0] : at::cat(tensors);
}

}  // namespace

Status LoadWeights(const ModelConfig& config, const std::function<Status()>& load) {
  if (config.family != Family::kDecoder) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model does not generate text"};
  }
  try {
    return load();
  } catch (const std::exception& failure) {
    return Exhausted("loading the weights failed: " + FirstLine(failure));
  }
}

LayerTensors DecoderTensors::Layer(int64_t index) const {
  const ModelConfig& c = config_;
  const DecoderConfig& d = c.decoder;
  const std::string prefix = "model.layers." + std::to_string(index) + ".";
  const std::string self = prefix + "self_attn.";
  const std::string mlp = prefix + "mlp.";
  const int64_t q_rows = c.heads * c.head_dim;
  const int64_t kv_rows = c.kv_heads * c.head_dim;
  LayerTensors layer;
  layer.qkv = {
      {{self + "q_proj", q_rows}, {self + "k_proj", kv_rows}, {self + "v_proj", kv_rows}}, c.hidden, d.qkv_bias};
  if (weights_.Has(self + "qkv_proj.weight")) layer.qkv.parts = {{self + "qkv_proj", q_rows + 2 * kv_rows}};  // Phi-3
  layer.out = {{{self + "o_proj", c.hidden}}, q_rows, d.out_bias};
  layer.gate_up = {{{mlp + "gate_proj", c.ffn}, {mlp + "up_proj", c.ffn}}, c.hidden, d.mlp_bias};
  if (weights_.Has(mlp + "gate_up_proj.weight") && !weights_.Has(mlp + "gate_proj.weight")) {
    layer.gate_up.parts = {{mlp + "gate_up_proj", 2 * c.ffn}};  // Phi-3
  }
  layer.down = {{{mlp + "down_proj", c.hidden}}, c.ffn, d.mlp_bias};
  layer.attention_norm = prefix + "input_layernorm.weight";
  if (d.qk_norm) {
    layer.q_norm = self + "q_norm.weight";
    layer.k_norm = self + "k_norm.weight";
  }
  layer.ffn_norm = prefix + "post_attention_layernorm.weight";
  if (d.post_norms) {
    layer.attention_post_norm = prefix + "post_attention_layernorm.weight";
    layer.ffn_norm = prefix + "pre_feedforward_layernorm.weight";
    layer.ffn_post_norm = prefix + "post_feedforward_layernorm.weight";
  }
  return layer;
}

LinearTensors DecoderTensors::Head() {
  asked_.insert("lm_head.weight");  // some files with a tied head have it all the same
  const char* name = config_.decoder.tied_embeddings ? kEmbedding : "lm_head";
  return {{{name, config_.vocab_size}}, config_.hidden, false};
}

Result<at::Tensor> DecoderTensors::Get(const std::string& name, std::vector<int64_t> shape) {
  asked_.insert(name);
  return weights_.Load(name, std::move(shape));
}

Result<at::Tensor> DecoderTensors::Weight(const LinearTensors& linear) {
  std::vector<at::Tensor> weights;
  for (const LinearTensors::Part& part : linear.parts) {
    TRY_ASSIGN(at::Tensor weight, Get(part.name + ".weight", {part.rows, linear.columns}));
    weights.push_back(std::move(weight));
  }
  return Together(weights);
}

Result<std::optional<kernels::Grid>> DecoderTensors::Grid(const LinearTensors& linear) {
  std::optional<kernels::Grid> together;
  for (const LinearTensors::Part& part : linear.parts) {
    asked_.insert(part.name + ".weight");
    TRY_ASSIGN(std::optional<kernels::Grid> grid, weights_.LoadGrid(part.name + ".weight", part.rows, linear.columns));
    if (!grid) return std::optional<kernels::Grid>();
    if (!together) {
      together = std::move(grid);
    } else if (!Append(*together, std::move(*grid))) {
      return std::optional<kernels::Grid>();
    }
  }
  return together;
}

Result<at::Tensor> DecoderTensors::Bias(const LinearTensors& linear) {
  if (!linear.has_bias) return at::Tensor();
  std::vector<at::Tensor> biases;
  for (const LinearTensors::Part& part : linear.parts) {
    TRY_ASSIGN(at::Tensor bias, Get(part.name + ".bias", {part.rows}));
    biases.push_back(std::move(bias));
  }
  return Together(biases);
}

Result<at::Tensor> DecoderTensors::Norm(const std::string& name, int64_t size) {
  TRY_ASSIGN(at::Tensor weight, Get(name, {size}));
  if (config_.decoder.norm_offset != 0) weight = weight + config_.decoder.norm_offset;
  return weight;
}

Status DecoderTensors::CheckAllUsed() const {
  for (const std::string& name : weights_.Unused(asked_)) {
    if (name.ends_with(".rotary_emb.inv_freq")) continue;  // older files keep what follows from the configuration
    return Error{Code::kUnimplemented, "tensor \"" + name.substr(0, 200) + "\" is no part of a \"" +
                                           config_.architecture +
                                           "\" model as it is known here: the model does more than its configuration "
                                           "says, or the configuration is another model's"};
  }
  return {};
}

}  // namespace troupe::model
