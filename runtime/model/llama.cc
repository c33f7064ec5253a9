#include "runtime/model/llama.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>
#include <c10/core/InferenceMode.h>

#include <numeric>

namespace troupe::model {

struct LlamaModel::Layer {
  at::Tensor attention_norm;  // [hidden]
  Linear qkv;                 // to queries, keys and values in one product
  Linear out;
  at::Tensor ffn_norm;  // [hidden]
  Linear gate_up;       // to both halves of SwiGLU
  Linear down;
};

namespace {

// Zhang and Sennrich, 2019; the mean square in float32, as the models were trained.
at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (x.scalar_type() == at::kFloat) return x * at::rsqrt(x.pow(2).mean(-1, true) + eps) * weight;
  const at::Tensor wide = x.to(at::kFloat);
  return (wide * at::rsqrt(wide.pow(2).mean(-1, true) + eps)).to(x.scalar_type()) * weight;
}

// x [tokens, heads, head_dim] turned by its positions; cos and sin [tokens, 1, head_dim / 2]. The first half of a head
// pairs with the second.
at::Tensor Rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const int64_t half = x.size(-1) / 2;
  const at::Tensor first = x.narrow(-1, 0, half);
  const at::Tensor second = x.narrow(-1, half, half);
  return at::cat({first * cos - second * sin, second * cos + first * sin}, -1);
}

// int32 ids from the caller as an int64 tensor.
at::Tensor IndexTensor(const std::vector<int64_t>& values, c10::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

Status CheckSlices(std::span<const Slice> slices, const ModelConfig& config) {
  if (slices.empty()) return Invalid("a step without sequences");
  for (const Slice& slice : slices) {
    if (slice.cache == nullptr || slice.tokens.empty()) return Invalid("a sequence without cache or tokens in a step");
    const int64_t end = slice.cache->length() + static_cast<int64_t>(slice.tokens.size());
    if (end > config.max_positions) {
      return Error{Code::kOutOfRange, "a sequence of " + std::to_string(end) + " tokens is longer than the model's " +
                                          std::to_string(config.max_positions)};
    }
    for (int32_t id : slice.tokens) {
      if (id < 0 || id >= config.vocab_size) {
        return Invalid("token " + std::to_string(id) + " is outside the vocabulary of " +
                       std::to_string(config.vocab_size));
      }
    }
    TRY(slice.cache->Reserve(static_cast<int64_t>(slice.tokens.size())));
  }
  return {};
}

}  // namespace

LlamaModel::LlamaModel(const ModelConfig& config, const Placement& placement)
    : config_(config), placement_(placement) {}

LlamaModel::~LlamaModel() = default;

Result<std::unique_ptr<LlamaModel>> LlamaModel::Load(const ModelConfig& config, const WeightSource& weights,
                                                     const Placement& placement) {
  if (config.family != Family::kLlama) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model is not of the llama family"};
  }
  std::unique_ptr<LlamaModel> model(new LlamaModel(config, placement));
  try {
    const c10::InferenceMode mode;
    TRY(model->LoadWeights(weights));
  } catch (const std::exception& failure) {
    return Exhausted(std::string("loading the weights failed: ") + failure.what());
  }
  return model;
}

Status LlamaModel::LoadWeights(const WeightSource& weights) {
  const ModelConfig& c = config_;
  const auto options = at::TensorOptions().device(placement_.device).dtype(placement_.dtype);
  const int64_t q_rows = c.heads * c.head_dim;
  const int64_t kv_rows = c.kv_heads * c.head_dim;
  TRY_ASSIGN(const at::Tensor embedding, weights.Load("model.embed_tokens.weight", {c.vocab_size, c.hidden}));
  embedding_ = embedding.to(options);
  for (int64_t i = 0; i < c.layers; ++i) {
    const std::string prefix = "model.layers." + std::to_string(i) + ".";
    Layer layer;
    TRY_ASSIGN(const at::Tensor attention_norm, weights.Load(prefix + "input_layernorm.weight", {c.hidden}));
    TRY_ASSIGN(const at::Tensor q, weights.Load(prefix + "self_attn.q_proj.weight", {q_rows, c.hidden}));
    TRY_ASSIGN(const at::Tensor k, weights.Load(prefix + "self_attn.k_proj.weight", {kv_rows, c.hidden}));
    TRY_ASSIGN(const at::Tensor v, weights.Load(prefix + "self_attn.v_proj.weight", {kv_rows, c.hidden}));
    TRY_ASSIGN(const at::Tensor out, weights.Load(prefix + "self_attn.o_proj.weight", {c.hidden, q_rows}));
    TRY_ASSIGN(const at::Tensor ffn_norm, weights.Load(prefix + "post_attention_layernorm.weight", {c.hidden}));
    TRY_ASSIGN(const at::Tensor gate, weights.Load(prefix + "mlp.gate_proj.weight", {c.ffn, c.hidden}));
    TRY_ASSIGN(const at::Tensor up, weights.Load(prefix + "mlp.up_proj.weight", {c.ffn, c.hidden}));
    TRY_ASSIGN(const at::Tensor down, weights.Load(prefix + "mlp.down_proj.weight", {c.hidden, c.ffn}));
    layer.attention_norm = attention_norm.to(options);
    layer.qkv = Linear::Dense(at::cat({q, k, v}), {}, placement_);
    layer.out = Linear::Dense(out, {}, placement_);
    layer.ffn_norm = ffn_norm.to(options);
    layer.gate_up = Linear::Dense(at::cat({gate, up}), {}, placement_);
    layer.down = Linear::Dense(down, {}, placement_);
    layers_.push_back(std::move(layer));
  }
  TRY_ASSIGN(const at::Tensor norm, weights.Load("model.norm.weight", {c.hidden}));
  norm_ = norm.to(options);
  if (c.tied_embeddings) {
    head_ = Linear::Dense(embedding_, {}, placement_);
  } else {
    TRY_ASSIGN(const at::Tensor head, weights.Load("lm_head.weight", {c.vocab_size, c.hidden}));
    head_ = Linear::Dense(head, {}, placement_);
  }
  const at::Tensor exponents = at::arange(0, c.head_dim, 2, at::TensorOptions().dtype(at::kFloat)) / c.head_dim;
  const at::Tensor frequencies = 1.0 / at::pow(c.rope_theta, exponents);
  const at::Tensor angles =
      at::arange(c.max_positions, at::TensorOptions().dtype(at::kFloat)).unsqueeze(1) * frequencies.unsqueeze(0);
  cos_ = angles.cos().to(options);
  sin_ = angles.sin().to(options);
  return {};
}

int64_t LlamaModel::parameters() const {
  int64_t sum = embedding_.numel() + norm_.numel() + (config_.tied_embeddings ? 0 : head_.parameters());
  for (const Layer& layer : layers_) {
    sum += layer.attention_norm.numel() + layer.ffn_norm.numel() + layer.qkv.parameters() + layer.out.parameters() +
           layer.gate_up.parameters() + layer.down.parameters();
  }
  return sum;
}

std::unique_ptr<KvCache> LlamaModel::NewCache(int64_t max_tokens) const {
  return MakeContiguousCache(config_, placement_, std::min(max_tokens, config_.max_positions));
}

Result<at::Tensor> LlamaModel::Forward(std::span<const Slice> slices) const {
  TRY(CheckSlices(slices, config_));
  try {
    const c10::InferenceMode mode;
    at::Tensor logits = Run(slices);
    for (const Slice& slice : slices) slice.cache->Commit(static_cast<int64_t>(slice.tokens.size()));
    return logits;
  } catch (const std::exception& failure) {
    return Internal(std::string("a step of the model failed: ") + failure.what());
  }
}

at::Tensor LlamaModel::Run(std::span<const Slice> slices) const {
  const ModelConfig& c = config_;
  std::vector<int64_t> ids, positions, wanted;
  for (const Slice& slice : slices) {
    const auto size = static_cast<int64_t>(slice.tokens.size());
    const auto begin = static_cast<int64_t>(ids.size());
    ids.insert(ids.end(), slice.tokens.begin(), slice.tokens.end());
    for (int64_t i = 0; i < size; ++i) positions.push_back(slice.cache->length() + i);
    if (slice.logits == Logits::kLast) wanted.push_back(begin + size - 1);
    for (int64_t i = 0; slice.logits == Logits::kAll && i < size; ++i) wanted.push_back(begin + i);
  }
  const auto tokens = static_cast<int64_t>(ids.size());
  const at::Tensor position_index = IndexTensor(positions, placement_.device);
  const at::Tensor cos = cos_.index_select(0, position_index).unsqueeze(1);
  const at::Tensor sin = sin_.index_select(0, position_index).unsqueeze(1);

  at::Tensor x = embedding_.index_select(0, IndexTensor(ids, placement_.device));
  for (size_t layer_index = 0; layer_index < layers_.size(); ++layer_index) {
    const Layer& layer = layers_[layer_index];
    const at::Tensor qkv = layer.qkv.Forward(RmsNorm(x, layer.attention_norm, c.norm_eps))
                               .view({tokens, c.heads + 2 * c.kv_heads, c.head_dim});
    // Queries and keys are turned alike, so both at once.
    const at::Tensor qk = Rotate(qkv.narrow(1, 0, c.heads + c.kv_heads), cos, sin);
    std::vector<at::Tensor> attended;
    int64_t begin = 0;
    for (const Slice& slice : slices) {
      const auto size = static_cast<int64_t>(slice.tokens.size());
      const at::Tensor part = qk.narrow(0, begin, size);
      attended.push_back(slice.cache->Attend(static_cast<int64_t>(layer_index), part.narrow(1, 0, c.heads),
                                             part.narrow(1, c.heads, c.kv_heads),
                                             qkv.narrow(0, begin, size).narrow(1, c.heads + c.kv_heads, c.kv_heads)));
      begin += size;
    }
    x = x + layer.out.Forward(attended.size() == 1 ? attended[0] : at::cat(attended));
    const at::Tensor gate_up = layer.gate_up.Forward(RmsNorm(x, layer.ffn_norm, c.norm_eps));
    x = x + layer.down.Forward(at::silu(gate_up.narrow(1, 0, c.ffn)) * gate_up.narrow(1, c.ffn, c.ffn));
  }
  if (wanted.empty()) return at::empty({0, c.vocab_size}, at::TensorOptions().dtype(at::kFloat));
  if (static_cast<int64_t>(wanted.size()) != tokens) x = x.index_select(0, IndexTensor(wanted, placement_.device));
  return head_.Forward(RmsNorm(x, norm_, c.norm_eps)).to(at::kFloat);
}

}  // namespace troupe::model
