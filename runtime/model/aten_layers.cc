#include "runtime/model/aten_layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

namespace troupe::model {
namespace {

// Zhang and Sennrich, 2019; in float32, as the models were trained. `weight` is float32.
at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (x.scalar_type() == at::kFloat) return x * at::rsqrt(x.pow(2).mean(-1, true) + eps) * weight;
  const at::Tensor wide = x.to(at::kFloat);
  return (wide * at::rsqrt(wide.pow(2).mean(-1, true) + eps) * weight).to(x.scalar_type());
}

// x [tokens, heads, head_dim] turned by its positions; cosines and sines [tokens, 1, pairs]. Of the first 2 * pairs
// values of a head, the first half pairs with the second; those behind stay as they are.
at::Tensor Rotate(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines) {
  const int64_t pairs = cosines.size(-1);
  const at::Tensor first = x.narrow(-1, 0, pairs);
  const at::Tensor second = x.narrow(-1, pairs, pairs);
  const at::Tensor turned_first = first * cosines - second * sines;
  const at::Tensor turned_second = second * cosines + first * sines;
  const int64_t rest = x.size(-1) - 2 * pairs;
  if (rest == 0) return at::cat({turned_first, turned_second}, -1);
  return at::cat({turned_first, turned_second, x.narrow(-1, 2 * pairs, rest)}, -1);
}

at::Tensor Activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kSilu:
      break;
  }
  return at::silu(x);
}

}  // namespace

AtenLayers::AtenLayers(const ModelConfig& config, const Placement& placement)
    : config_(config), placement_(placement), ropes_(config.decoder.ropes.begin(), config.decoder.ropes.end()) {}

int64_t AtenLayers::parameters() const {
  int64_t sum = embedding_.numel() + norm_.numel() + (config_.decoder.tied_embeddings ? 0 : head_.parameters());
  for (const Layer& layer : layers_) {
    sum += layer.qkv.parameters() + layer.out.parameters() + layer.gate_up.parameters() + layer.down.parameters();
    for (const at::Tensor& norm : {layer.attention_norm, layer.q_norm, layer.k_norm, layer.attention_post_norm,
                                   layer.ffn_norm, layer.ffn_post_norm}) {
      if (norm.defined()) sum += norm.numel();
    }
  }
  return sum;
}

AtenLayers::Turn AtenLayers::TurnOf(const at::Tensor& both) const {
  const at::Tensor placed = both.to(at::TensorOptions().device(placement_.device).dtype(placement_.dtype));
  return {placed.select(0, 0), placed.select(0, 1)};
}

at::Tensor AtenLayers::Attention(size_t index, const at::Tensor& x, std::span<const Turn> turns,
                                 const Attend& attend) const {
  const ModelConfig& c = config_;
  const Layer& layer = layers_[index];
  const at::Tensor qkv = layer.qkv.Forward(RmsNorm(x, layer.attention_norm, c.norm_eps))
                             .view({x.size(0), c.heads + 2 * c.kv_heads, c.head_dim});
  // Queries and keys are normed and turned alike, so both at once.
  at::Tensor qk = qkv.narrow(1, 0, c.heads + c.kv_heads);
  if (layer.qk_norm.defined()) qk = RmsNorm(qk, layer.qk_norm, c.norm_eps);
  if (layer.rope != DecoderLayer::kNoRope) qk = Rotate(qk, turns[layer.rope].cosines, turns[layer.rope].sines);
  const at::Tensor attended =
      attend(static_cast<int64_t>(index), qk.narrow(1, 0, c.heads), qk.narrow(1, c.heads, c.kv_heads),
             qkv.narrow(1, c.heads + c.kv_heads, c.kv_heads));
  const at::Tensor out = layer.out.Forward(attended);
  return layer.attention_post_norm.defined() ? RmsNorm(out, layer.attention_post_norm, c.norm_eps) : out;
}

at::Tensor AtenLayers::FeedForward(const Layer& layer, const at::Tensor& x) const {
  const ModelConfig& c = config_;
  const at::Tensor gate_up = layer.gate_up.Forward(RmsNorm(x, layer.ffn_norm, c.norm_eps));
  const at::Tensor gate = Activate(c.decoder.activation, gate_up.narrow(1, 0, c.ffn));
  const at::Tensor out = layer.down.Forward(gate * gate_up.narrow(1, c.ffn, c.ffn));
  return layer.ffn_post_norm.defined() ? RmsNorm(out, layer.ffn_post_norm, c.norm_eps) : out;
}

at::Tensor AtenLayers::Run(const at::Tensor& ids, std::span<const Turn> turns, const Attend& attend) const {
  at::Tensor x = embedding_.index_select(0, ids);
  if (embedding_scale_ != 1) x = x * embedding_scale_;
  for (size_t i = 0; i < layers_.size(); ++i) {
    x = x + Attention(i, x, turns, attend);
    x = x + FeedForward(layers_[i], x);
  }
  return x;
}

at::Tensor AtenLayers::Logits(const at::Tensor& x) const {
  const at::Tensor logits = head_.Forward(RmsNorm(x, norm_, config_.norm_eps)).to(at::kFloat);
  const double cap = config_.decoder.logit_softcap;
  return cap == 0 ? logits : at::tanh(logits / cap) * cap;
}

}  // namespace troupe::model
