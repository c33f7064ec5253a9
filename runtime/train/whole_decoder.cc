#include "runtime/train/whole_decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <limits>
#include <optional>
#include <string_view>

namespace troupe::train {
namespace {

at::Tensor Linear(const LinearPart& part, const at::Tensor& input) {
  const auto bias = part.bias.defined() ? std::optional(part.bias.to(part.weight.scalar_type())) : std::nullopt;
  return at::linear(input.to(part.weight.scalar_type()), part.weight, bias).to(at::kFloat);
}

at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x * at::rsqrt(x.pow(2).mean(-1, true) + eps) * weight;
}

at::Tensor Activate(model::Activation activation, const at::Tensor& x) {
  if (activation == model::Activation::kGelu) return at::gelu(x);
  if (activation == model::Activation::kGeluTanh) return at::gelu(x, "tanh");
  return at::silu(x);
}

// What a token sees: [seq, seq], false where it does not.
at::Tensor Seen(int64_t seq, int64_t window) {
  const at::Tensor before = at::ones({seq, seq}, at::TensorOptions().dtype(at::kBool)).tril();
  return window != 0 && window < seq ? before.triu(1 - window) : before;
}

}  // namespace

at::Tensor Projection::Forward(const at::Tensor& input) const {
  if (parts.size() == 1) return Linear(parts[0], input);
  std::vector<at::Tensor> outputs;
  for (const LinearPart& part : parts) outputs.push_back(Linear(part, input));
  return at::cat(outputs, -1);
}

at::Tensor WholeDecoder::Embed(const at::Tensor& ids) const {
  const at::Tensor x = at::embedding(embedding_.weight, ids).to(at::kFloat);
  return config_.decoder.embedding_scale == 1 ? x : x * config_.decoder.embedding_scale;
}

at::Tensor WholeDecoder::QkvInput(size_t index, const at::Tensor& x) const {
  return RmsNorm(x, blocks_[index].attention_norm, config_.norm_eps);
}

// x [batch, heads, seq, head_dim] turned by its positions.
at::Tensor WholeDecoder::Turn(size_t rope, const at::Tensor& x) const {
  const model::Rope& frequencies = ropes_[rope];
  const int64_t seq = x.size(2), pairs = frequencies.pairs();
  const at::Tensor both = at::empty({2, seq, pairs}, at::TensorOptions().dtype(at::kFloat));
  auto* values = both.data_ptr<float>();
  frequencies.Fill(0, seq, seq, values, values + seq * pairs);
  const at::Tensor cosines = both.select(0, 0), sines = both.select(0, 1);
  const at::Tensor first = x.narrow(-1, 0, pairs), second = x.narrow(-1, pairs, pairs);
  std::vector<at::Tensor> turned{first * cosines - second * sines, second * cosines + first * sines};
  if (const int64_t rest = x.size(-1) - 2 * pairs; rest != 0) turned.push_back(x.narrow(-1, 2 * pairs, rest));
  return at::cat(turned, -1);
}

at::Tensor WholeDecoder::OutInput(size_t index, const at::Tensor& qkv) const {
  const model::ModelConfig& c = config_;
  const Block& block = blocks_[index];
  const model::DecoderLayer& layer = c.decoder.layers[index];
  const int64_t batch = qkv.size(0), seq = qkv.size(1);
  const at::Tensor heads = qkv.view({batch, seq, c.heads + 2 * c.kv_heads, c.head_dim}).transpose(1, 2);
  at::Tensor q = heads.narrow(1, 0, c.heads), k = heads.narrow(1, c.heads, c.kv_heads);
  at::Tensor v = heads.narrow(1, c.heads + c.kv_heads, c.kv_heads);
  if (block.q_norm.defined()) {
    q = RmsNorm(q, block.q_norm, c.norm_eps);
    k = RmsNorm(k, block.k_norm, c.norm_eps);
  }
  if (layer.rope != model::DecoderLayer::kNoRope) {
    q = Turn(static_cast<size_t>(layer.rope), q);
    k = Turn(static_cast<size_t>(layer.rope), k);
  }
  const double scale = model::AttentionScale(c);
  k = k.repeat_interleave(c.heads / c.kv_heads, 1);
  v = v.repeat_interleave(c.heads / c.kv_heads, 1);
  const double cap = c.decoder.attention_softcap;
  at::Tensor attended;
  if (cap == 0 && (layer.window == 0 || layer.window >= seq)) {
    attended = at::scaled_dot_product_attention(q, k, v, std::nullopt, 0.0, true, scale);
  } else {
    at::Tensor scores = at::matmul(q, k.transpose(-2, -1)) * scale;
    if (cap != 0) scores = at::tanh(scores / cap) * cap;
    scores = scores.masked_fill(Seen(seq, layer.window).logical_not(), -std::numeric_limits<float>::infinity());
    attended = at::matmul(at::softmax(scores, -1), v);
  }
  return attended.transpose(1, 2).reshape({batch, seq, c.heads * c.head_dim});
}

at::Tensor WholeDecoder::AddOut(size_t index, const at::Tensor& x, const at::Tensor& out) const {
  const at::Tensor& norm = blocks_[index].attention_post_norm;
  return x + (norm.defined() ? RmsNorm(out, norm, config_.norm_eps) : out);
}

at::Tensor WholeDecoder::GateUpInput(size_t index, const at::Tensor& x) const {
  return RmsNorm(x, blocks_[index].ffn_norm, config_.norm_eps);
}

at::Tensor WholeDecoder::DownInput(size_t index, const at::Tensor& gate_up) const {
  static_cast<void>(index);
  return Activate(config_.decoder.activation, gate_up.narrow(-1, 0, config_.ffn)) *
         gate_up.narrow(-1, config_.ffn, config_.ffn);
}

at::Tensor WholeDecoder::AddDown(size_t index, const at::Tensor& x, const at::Tensor& down) const {
  const at::Tensor& norm = blocks_[index].ffn_post_norm;
  return x + (norm.defined() ? RmsNorm(down, norm, config_.norm_eps) : down);
}

at::Tensor WholeDecoder::Layer(size_t index, const at::Tensor& x) const {
  const Block& block = blocks_[index];
  const at::Tensor attended = OutInput(index, block.qkv.Forward(QkvInput(index, x)));
  const at::Tensor y = AddOut(index, x, block.out.Forward(attended));
  const at::Tensor gated = DownInput(index, block.gate_up.Forward(GateUpInput(index, y)));
  return AddDown(index, y, block.down.Forward(gated));
}

at::Tensor WholeDecoder::HeadInput(const at::Tensor& x) const { return RmsNorm(x, norm_, config_.norm_eps); }

at::Tensor WholeDecoder::Logits(const at::Tensor& head_input) const {
  const at::Tensor logits = Linear(head(), head_input);
  const double cap = config_.decoder.logit_softcap;
  return cap == 0 ? logits : at::tanh(logits / cap) * cap;
}

at::Tensor WholeDecoder::Forward(const at::Tensor& ids) const {
  at::Tensor x = Embed(ids);
  for (size_t i = 0; i < blocks_.size(); ++i) x = Layer(i, x);
  return Logits(HeadInput(x));
}

std::vector<LinearPart*> WholeDecoder::Matrices() {
  std::vector<LinearPart*> matrices;
  for (Block& block : blocks_) {
    for (Projection* projection : {&block.qkv, &block.out, &block.gate_up, &block.down}) {
      for (LinearPart& part : projection->parts) matrices.push_back(&part);
    }
  }
  matrices.push_back(&embedding_);
  if (!config_.decoder.tied_embeddings) matrices.push_back(&head_);
  return matrices;
}

std::vector<Parameter> WholeDecoder::Parameters() {
  std::vector<Parameter> parameters;
  for (const LinearPart* part : Matrices()) {
    parameters.push_back({part->name, part->weight, true});
    if (!part->bias.defined()) continue;
    const std::string layer = part->name.substr(0, part->name.size() - std::string_view("weight").size());
    parameters.push_back({layer + "bias", part->bias});
  }
  parameters.insert(parameters.end(), norms_.begin(), norms_.end());
  return parameters;
}

}  // namespace troupe::train
