#include "runtime/train/whole_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace troupe::train {
namespace {

at::Tensor Thinned(Dropout* dropout, const at::Tensor& x) { return dropout == nullptr ? x : dropout->Apply(x); }

}  // namespace

PaddedTexts Pad(model::Texts texts) {
  size_t longest = 0, shortest = SIZE_MAX;
  for (const std::vector<int32_t>& ids : texts) {
    longest = std::max(longest, ids.size());
    shortest = std::min(shortest, ids.size());
  }
  const std::vector<int64_t> shape{static_cast<int64_t>(texts.size()), static_cast<int64_t>(longest)};
  PaddedTexts padded{.ids = at::zeros(shape, at::TensorOptions().dtype(at::kLong))};
  if (shortest != longest) padded.mask = at::zeros(shape, at::TensorOptions().dtype(at::kBool));
  for (size_t i = 0; i < texts.size(); ++i) {
    std::copy(texts[i].begin(), texts[i].end(), padded.ids.data_ptr<int64_t>() + i * longest);
    if (padded.mask.defined()) std::fill_n(padded.mask.data_ptr<bool>() + i * longest, texts[i].size(), true);
  }
  return padded;
}

at::Tensor WholeEncoder::Linear(const Dense& dense, const at::Tensor& x) const {
  if (products_ == Products::kFloat) return at::linear(x, dense.weight, dense.bias);
  return at::linear(x.to(at::kBFloat16), dense.weight.to(at::kBFloat16), dense.bias.to(at::kBFloat16)).to(at::kFloat);
}

at::Tensor WholeEncoder::Norm(const model::NormTensors& norm, const at::Tensor& x) const {
  return at::layer_norm(x, {config_.hidden}, norm.weight, norm.bias, config_.norm_eps);
}

at::Tensor WholeEncoder::Layer(const model::EncoderLayerTensors& layer, const at::Tensor& x,
                               const std::optional<at::Tensor>& mask, Dropout* dropout) const {
  const model::ModelConfig& c = config_;
  const int64_t texts = x.size(0), longest = x.size(1);
  // [3, texts, heads, longest, head_dim]
  const at::Tensor qkv = Linear(layer.qkv, x).view({texts, longest, 3, c.heads, c.head_dim}).permute({2, 0, 3, 1, 4});
  const at::Tensor attended = at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask)
                                  .transpose(1, 2)
                                  .reshape({texts, longest, c.hidden});
  const at::Tensor y = Norm(layer.attention_norm, Thinned(dropout, Linear(layer.out, attended)) + x);
  return Norm(layer.ffn_norm, Thinned(dropout, Linear(layer.down, at::gelu(Linear(layer.up, y)))) + y);
}

// A layer that is computed again for its gradients.
at::Tensor WholeEncoder::LayerAgain(const model::EncoderLayerTensors& layer, const at::Tensor& x,
                                    const std::optional<at::Tensor>& mask, Dropout* dropout) const {
  std::optional<Dropout> before;
  if (dropout != nullptr) before = dropout->Copy();
  return Recomputed(x, [this, &layer, mask, dropout, before](const at::Tensor& input) {
    if (!before || !c10::GradMode::is_enabled()) return Layer(layer, input, mask, dropout);
    Dropout again = before->Copy();  // on the way back it draws what it drew
    return Layer(layer, input, mask, &again);
  });
}

WholeEncoder::Pass WholeEncoder::Forward(const PaddedTexts& texts, Dropout* dropout) const {
  const int64_t longest = texts.ids.size(1);
  std::optional<at::Tensor> mask;
  if (texts.mask.defined()) mask = texts.mask.view({texts.ids.size(0), 1, 1, longest});
  Pass pass;
  const at::Tensor embedded = at::embedding(words_, texts.ids) + positions_.narrow(0, 0, longest);
  pass.states.push_back(Thinned(dropout, Norm(norm_, embedded)));
  for (const model::EncoderLayerTensors& layer : layers_) {
    pass.states.push_back(activations_ == Activations::kRecomputed
                              ? LayerAgain(layer, pass.states.back(), mask, dropout)
                              : Layer(layer, pass.states.back(), mask, dropout));
  }
  pass.pooled = at::tanh(Linear(pooler_, pass.states.back().select(1, 0)));
  pass.logits = Linear(classifier_, Thinned(dropout, pass.pooled));
  return pass;
}

void WholeEncoder::AddLabels(const std::vector<std::string>& labels, const at::Tensor& weight, const at::Tensor& bias) {
  config_.labels.insert(config_.labels.end(), labels.begin(), labels.end());
  classifier_ = {at::cat({classifier_.weight, weight}), at::cat({classifier_.bias, bias})};
}

std::vector<Parameter> WholeEncoder::Parameters() const {
  std::vector<Parameter> parameters{{"embeddings.word_embeddings.weight", words_, true},
                                    {"embeddings.position_embeddings.weight", positions_, true}};
  const auto norm = [&](const std::string& name, const model::NormTensors& norm) {
    parameters.push_back({name + ".weight", norm.weight});
    parameters.push_back({name + ".bias", norm.bias});
  };
  const auto dense = [&](const std::string& name, const Dense& dense) {
    parameters.push_back({name + ".weight", dense.weight, true});
    parameters.push_back({name + ".bias", dense.bias});
  };
  norm("embeddings.LayerNorm", norm_);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string prefix = "encoder.layer." + std::to_string(i) + ".";
    dense(prefix + "attention.self.qkv", layers_[i].qkv);
    dense(prefix + "attention.output.dense", layers_[i].out);
    norm(prefix + "attention.output.LayerNorm", layers_[i].attention_norm);
    dense(prefix + "intermediate.dense", layers_[i].up);
    dense(prefix + "output.dense", layers_[i].down);
    norm(prefix + "output.LayerNorm", layers_[i].ffn_norm);
  }
  dense("pooler.dense", pooler_);
  dense("classifier", classifier_);
  return parameters;
}

}  // namespace troupe::train
