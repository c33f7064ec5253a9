#include "runtime/model/bert.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace troupe::model {

struct BertModel::Layer {
  Linear qkv;
  Linear out;
  at::Tensor attention_norm_weight, attention_norm_bias;
  Linear up;
  Linear down;
  at::Tensor ffn_norm_weight, ffn_norm_bias;
};

struct BertModel::Batch {
  at::Tensor ids;   // [batch, longest], int64
  at::Tensor mask;  // [batch, longest], bool: true for tokens, false for padding
  bool padded = false;
};

namespace {

// Names are written with and without the prefix "bert.": BertModel and BertForSequenceClassification differ in it.
class Reader {
 public:
  Reader(const WeightSource& weights, const Placement& placement)
      : weights_(weights),
        placement_(placement),
        prefix_(weights.Has("bert.embeddings.LayerNorm.weight") ? "bert." : "") {}

  Result<at::Tensor> Raw(const std::string& name, std::vector<int64_t> shape) const {
    return weights_.Load(prefix_ + name, std::move(shape));
  }
  Result<at::Tensor> Placed(const std::string& name, std::vector<int64_t> shape) const {
    TRY_ASSIGN(const at::Tensor tensor, Raw(name, std::move(shape)));
    return tensor.to(at::TensorOptions().device(placement_.device).dtype(placement_.dtype));
  }
  Result<Linear> Dense(const std::string& name, int64_t out, int64_t in) const {
    TRY_ASSIGN(const at::Tensor weight, Raw(name + ".weight", {out, in}));
    TRY_ASSIGN(const at::Tensor bias, Raw(name + ".bias", {out}));
    return Linear::Dense(weight, bias, placement_);
  }
  // Several layers over the same input as one product.
  Result<Linear> Joined(const std::vector<std::string>& names, int64_t out, int64_t in) const {
    std::vector<at::Tensor> weights, biases;
    for (const std::string& name : names) {
      TRY_ASSIGN(at::Tensor weight, Raw(name + ".weight", {out, in}));
      TRY_ASSIGN(at::Tensor bias, Raw(name + ".bias", {out}));
      weights.push_back(std::move(weight));
      biases.push_back(std::move(bias));
    }
    return Linear::Dense(at::cat(weights), at::cat(biases), placement_);
  }

 private:
  const WeightSource& weights_;
  const Placement& placement_;
  std::string prefix_;
};

}  // namespace

BertModel::BertModel(const ModelConfig& config, const Placement& placement) : config_(config), placement_(placement) {}

BertModel::~BertModel() = default;

Result<std::unique_ptr<BertModel>> BertModel::Load(const ModelConfig& config, const WeightSource& weights,
                                                   const Placement& placement) {
  if (config.family != Family::kBert) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model is not of the BERT family"};
  }
  std::unique_ptr<BertModel> model(new BertModel(config, placement));
  try {
    const c10::InferenceMode mode;
    TRY(model->LoadWeights(weights));
  } catch (const std::exception& failure) {
    return Exhausted(std::string("loading the weights failed: ") + failure.what());
  }
  return model;
}

Status BertModel::LoadWeights(const WeightSource& weights) {
  const ModelConfig& c = config_;
  const Reader reader(weights, placement_);
  TRY_ASSIGN(words_, reader.Placed("embeddings.word_embeddings.weight", {c.vocab_size, c.hidden}));
  TRY_ASSIGN(positions_, reader.Placed("embeddings.position_embeddings.weight", {c.max_positions, c.hidden}));
  TRY_ASSIGN(types_, reader.Placed("embeddings.token_type_embeddings.weight", {c.type_vocab_size, c.hidden}));
  TRY_ASSIGN(norm_weight_, reader.Placed("embeddings.LayerNorm.weight", {c.hidden}));
  TRY_ASSIGN(norm_bias_, reader.Placed("embeddings.LayerNorm.bias", {c.hidden}));
  for (int64_t i = 0; i < c.layers; ++i) {
    const std::string prefix = "encoder.layer." + std::to_string(i) + ".";
    const std::string self = prefix + "attention.self.";
    Layer layer;
    TRY_ASSIGN(layer.qkv, reader.Joined({self + "query", self + "key", self + "value"}, c.hidden, c.hidden));
    TRY_ASSIGN(layer.out, reader.Dense(prefix + "attention.output.dense", c.hidden, c.hidden));
    TRY_ASSIGN(layer.attention_norm_weight, reader.Placed(prefix + "attention.output.LayerNorm.weight", {c.hidden}));
    TRY_ASSIGN(layer.attention_norm_bias, reader.Placed(prefix + "attention.output.LayerNorm.bias", {c.hidden}));
    TRY_ASSIGN(layer.up, reader.Dense(prefix + "intermediate.dense", c.ffn, c.hidden));
    TRY_ASSIGN(layer.down, reader.Dense(prefix + "output.dense", c.hidden, c.ffn));
    TRY_ASSIGN(layer.ffn_norm_weight, reader.Placed(prefix + "output.LayerNorm.weight", {c.hidden}));
    TRY_ASSIGN(layer.ffn_norm_bias, reader.Placed(prefix + "output.LayerNorm.bias", {c.hidden}));
    layers_.push_back(std::move(layer));
  }
  if (c.labels.empty()) return {};
  TRY_ASSIGN(pooler_, reader.Dense("pooler.dense", c.hidden, c.hidden));
  const auto labels = static_cast<int64_t>(c.labels.size());
  TRY_ASSIGN(const at::Tensor weight, weights.Load("classifier.weight", {labels, c.hidden}));
  TRY_ASSIGN(const at::Tensor bias, weights.Load("classifier.bias", {labels}));
  classifier_ = Linear::Dense(weight, bias, placement_);
  has_head_ = true;
  return {};
}

int64_t BertModel::parameters() const {
  int64_t sum = words_.numel() + positions_.numel() + types_.numel() + norm_weight_.numel() + norm_bias_.numel();
  for (const Layer& layer : layers_) {
    sum += layer.qkv.parameters() + layer.out.parameters() + layer.up.parameters() + layer.down.parameters() +
           2 * (layer.attention_norm_weight.numel() + layer.ffn_norm_weight.numel());
  }
  return sum + (has_head_ ? pooler_.parameters() + classifier_.parameters() : 0);
}

Result<BertModel::Batch> BertModel::Pad(std::span<const std::vector<int32_t>> batch) const {
  if (batch.empty()) return Invalid("a batch without texts");
  size_t longest = 0;
  for (const std::vector<int32_t>& ids : batch) {
    if (ids.empty()) return Invalid("a text without tokens");
    if (static_cast<int64_t>(ids.size()) > config_.max_positions) {
      return Error{Code::kOutOfRange, "a text of " + std::to_string(ids.size()) +
                                          " tokens is longer than the model's " +
                                          std::to_string(config_.max_positions)};
    }
    for (int32_t id : ids) {
      if (id < 0 || id >= config_.vocab_size) {
        return Invalid("token " + std::to_string(id) + " is outside the vocabulary of " +
                       std::to_string(config_.vocab_size));
      }
    }
    longest = std::max(longest, ids.size());
  }
  const std::vector<int64_t> shape{static_cast<int64_t>(batch.size()), static_cast<int64_t>(longest)};
  Batch padded{at::zeros(shape, at::TensorOptions().dtype(at::kLong)),
               at::zeros(shape, at::TensorOptions().dtype(at::kBool))};
  auto* ids = padded.ids.data_ptr<int64_t>();
  auto* mask = padded.mask.data_ptr<bool>();
  for (const std::vector<int32_t>& text : batch) {
    std::copy(text.begin(), text.end(), ids);
    std::fill_n(mask, text.size(), true);
    padded.padded |= text.size() != longest;
    ids += longest;
    mask += longest;
  }
  padded.ids = padded.ids.to(placement_.device);
  padded.mask = padded.mask.to(placement_.device);
  return padded;
}

// To [batch, longest, hidden].
at::Tensor BertModel::Encode(const Batch& batch) const {
  const ModelConfig& c = config_;
  const int64_t texts = batch.ids.size(0);
  const int64_t longest = batch.ids.size(1);
  const auto norm = [&c](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return at::layer_norm(x, {c.hidden}, weight, bias, c.norm_eps);
  };
  at::Tensor x = words_.index_select(0, batch.ids.view(-1)).view({texts, longest, c.hidden}) + types_[0] +
                 positions_.narrow(0, 0, longest);
  x = norm(x, norm_weight_, norm_bias_);
  std::optional<at::Tensor> mask;
  if (batch.padded) mask = batch.mask.view({texts, 1, 1, longest});
  for (const Layer& layer : layers_) {
    // [3, batch, heads, longest, head_dim]
    const at::Tensor qkv = layer.qkv.Forward(x).view({texts, longest, 3, c.heads, c.head_dim}).permute({2, 0, 3, 1, 4});
    const at::Tensor attended = at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask)
                                    .transpose(1, 2)
                                    .reshape({texts, longest, c.hidden});
    x = norm(layer.out.Forward(attended) + x, layer.attention_norm_weight, layer.attention_norm_bias);
    x = norm(layer.down.Forward(at::gelu(layer.up.Forward(x))) + x, layer.ffn_norm_weight, layer.ffn_norm_bias);
  }
  return x;
}

Result<at::Tensor> BertModel::Embed(std::span<const std::vector<int32_t>> batch, Pooling pooling,
                                    Normalize normalize) const {
  try {
    const c10::InferenceMode mode;
    TRY_ASSIGN(const Batch padded, Pad(batch));
    const at::Tensor states = Encode(padded).to(at::kFloat);
    at::Tensor pooled;
    if (pooling == Pooling::kCls) {
      pooled = states.select(1, 0);
    } else {
      const at::Tensor weights = padded.mask.unsqueeze(-1).to(at::kFloat);
      pooled = (states * weights).sum(1) / weights.sum(1);
    }
    if (normalize == Normalize::kYes) pooled = pooled / pooled.norm(2, {1}, true).clamp_min(1e-12);
    return pooled.to(at::kCPU).contiguous();
  } catch (const std::exception& failure) {
    return Internal(std::string("encoding a batch failed: ") + failure.what());
  }
}

Result<at::Tensor> BertModel::Classify(std::span<const std::vector<int32_t>> batch) const {
  if (!has_head_) return FailedPrecondition("model \"" + config_.name + "\" has no classification head");
  try {
    const c10::InferenceMode mode;
    TRY_ASSIGN(const Batch padded, Pad(batch));
    const at::Tensor first = Encode(padded).select(1, 0);
    return classifier_.Forward(at::tanh(pooler_.Forward(first))).to(at::kFloat).to(at::kCPU).contiguous();
  } catch (const std::exception& failure) {
    return Internal(std::string("classifying a batch failed: ") + failure.what());
  }
}

}  // namespace troupe::model
