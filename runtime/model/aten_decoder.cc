#include "runtime/model/aten_decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

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

at::Tensor IndexTensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace

AtenDecoder::AtenDecoder(const ModelConfig& config, const Placement& placement)
    : config_(config),
      placement_(placement),
      ropes_(config.decoder.ropes.begin(), config.decoder.ropes.end()),
      pages_(config, placement) {}

AtenDecoder::~AtenDecoder() = default;

int64_t AtenDecoder::parameters() const {
  const auto size = [](const at::Tensor& tensor) { return tensor.defined() ? tensor.numel() : 0; };
  int64_t sum = embedding_.numel() + norm_.numel() + (config_.decoder.tied_embeddings ? 0 : head_.parameters());
  for (const Layer& layer : layers_) {
    sum += layer.attention_norm.numel() + layer.ffn_norm.numel() + layer.qkv.parameters() + layer.out.parameters() +
           layer.gate_up.parameters() + layer.down.parameters() + size(layer.attention_post_norm) +
           size(layer.ffn_post_norm) + (layer.qk_norm.defined() ? 2 * config_.head_dim : 0);
  }
  return sum;
}

std::string AtenDecoder::compute() const { return placement_.dtype == at::kFloat ? "fp32" : "bf16"; }

Result<std::span<float>> AtenDecoder::Forward(std::span<const Slice> slices) {
  TRY(CheckSlices(slices, config_, pages_.pages()));
  try {
    const c10::InferenceMode mode;
    logits_ = Run(slices).to(at::kCPU).contiguous();
    return std::span(logits_.data_ptr<float>(), static_cast<size_t>(logits_.numel()));
  } catch (const std::exception& failure) {
    return Internal(std::string("a step of the model failed: ") + failure.what());
  }
}

// Computed here rather than looked up: a table of all positions is larger than a small model.
std::vector<AtenDecoder::Turn> AtenDecoder::Turns(std::span<const Slice> slices, int64_t tokens) const {
  std::vector<Turn> turns;
  for (const Rope& rope : ropes_) {
    const at::Tensor both = at::empty({2, tokens, 1, rope.pairs()}, at::TensorOptions().dtype(at::kFloat));
    auto* cosines = both.data_ptr<float>();
    for (const Slice& slice : slices) {
      const auto size = static_cast<int64_t>(slice.tokens.size());
      const int64_t first = slice.length;
      rope.Fill(first, size, first + size + slice.ahead, cosines, cosines + tokens * rope.pairs());
      cosines += size * rope.pairs();
    }
    const at::Tensor placed = both.to(at::TensorOptions().device(placement_.device).dtype(placement_.dtype));
    turns.push_back({placed.select(0, 0), placed.select(0, 1)});
  }
  return turns;
}

at::Tensor AtenDecoder::Attention(size_t index, const at::Tensor& x, const std::vector<Turn>& turns) {
  const ModelConfig& c = config_;
  const Layer& layer = layers_[index];
  const at::Tensor qkv = layer.qkv.Forward(RmsNorm(x, layer.attention_norm, c.norm_eps))
                             .view({x.size(0), c.heads + 2 * c.kv_heads, c.head_dim});
  // Queries and keys are normed and turned alike, so both at once.
  at::Tensor qk = qkv.narrow(1, 0, c.heads + c.kv_heads);
  if (layer.qk_norm.defined()) qk = RmsNorm(qk, layer.qk_norm, c.norm_eps);
  if (layer.rope != DecoderLayer::kNoRope) qk = Rotate(qk, turns[layer.rope].cosines, turns[layer.rope].sines);
  const at::Tensor out = layer.out.Forward(pages_.Attend(static_cast<int64_t>(index), qk.narrow(1, 0, c.heads),
                                                         qk.narrow(1, c.heads, c.kv_heads),
                                                         qkv.narrow(1, c.heads + c.kv_heads, c.kv_heads)));
  return layer.attention_post_norm.defined() ? RmsNorm(out, layer.attention_post_norm, c.norm_eps) : out;
}

at::Tensor AtenDecoder::FeedForward(const Layer& layer, const at::Tensor& x) const {
  const ModelConfig& c = config_;
  const at::Tensor gate_up = layer.gate_up.Forward(RmsNorm(x, layer.ffn_norm, c.norm_eps));
  const at::Tensor gate = Activate(c.decoder.activation, gate_up.narrow(1, 0, c.ffn));
  const at::Tensor out = layer.down.Forward(gate * gate_up.narrow(1, c.ffn, c.ffn));
  return layer.ffn_post_norm.defined() ? RmsNorm(out, layer.ffn_post_norm, c.norm_eps) : out;
}

at::Tensor AtenDecoder::Run(std::span<const Slice> slices) {
  const ModelConfig& c = config_;
  std::vector<int64_t> ids, wanted;
  for (const Slice& slice : slices) {
    const auto size = static_cast<int64_t>(slice.tokens.size());
    const auto begin = static_cast<int64_t>(ids.size());
    ids.insert(ids.end(), slice.tokens.begin(), slice.tokens.end());
    if (slice.logits == Logits::kLast) wanted.push_back(begin + size - 1);
    for (int64_t i = 0; slice.logits == Logits::kAll && i < size; ++i) wanted.push_back(begin + i);
  }
  const auto tokens = static_cast<int64_t>(ids.size());
  const std::vector<Turn> turns = Turns(slices, tokens);
  pages_.BeginStep(slices);

  at::Tensor x = embedding_.index_select(0, IndexTensor(ids, placement_.device));
  if (embedding_scale_ != 1) x = x * embedding_scale_;
  for (size_t i = 0; i < layers_.size(); ++i) {
    x = x + Attention(i, x, turns);
    x = x + FeedForward(layers_[i], x);
  }
  if (wanted.empty()) return at::empty({0, c.vocab_size}, at::TensorOptions().dtype(at::kFloat));
  if (static_cast<int64_t>(wanted.size()) != tokens) x = x.index_select(0, IndexTensor(wanted, placement_.device));
  const at::Tensor logits = head_.Forward(RmsNorm(x, norm_, c.norm_eps)).to(at::kFloat);
  const double cap = c.decoder.logit_softcap;
  return cap == 0 ? logits : at::tanh(logits / cap) * cap;
}

}  // namespace troupe::model
