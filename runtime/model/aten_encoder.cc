#include "runtime/model/aten_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>

#include "runtime/model/encoder_tensors.h"
#include "runtime/model/size.h"
#include "runtime/model/step_failure.h"

namespace troupe::model {

struct AtenEncoder::Layer {
  Linear qkv, out, up, down;
  Norm attention_norm, ffn_norm;
};

struct AtenEncoder::Batch {
  at::Tensor ids;   // [texts, longest], int64
  at::Tensor mask;  // [texts, longest], bool: true for tokens, false for padding
  bool padded = false;
};

AtenEncoder::AtenEncoder(const ModelConfig& config, const Placement& placement)
    : config_(config), placement_(placement) {}

AtenEncoder::~AtenEncoder() = default;

Result<std::unique_ptr<AtenEncoder>> AtenEncoder::Load(const ModelConfig& config, const WeightSource& weights,
                                                       const Placement& placement) {
  std::unique_ptr<AtenEncoder> model(new AtenEncoder(config, placement));
  TRY(LoadEncoderWeights(config, [&] { return model->LoadWeights(weights); }));
  return model;
}

Status AtenEncoder::LoadWeights(const WeightSource& weights) {
  const EncoderTensors tensors(config_, weights);
  const auto placed = [this](const at::Tensor& tensor) {
    return tensor.to(at::TensorOptions().device(placement_.device).dtype(placement_.dtype));
  };
  const auto norm = [&](const NormTensors& norm) { return Norm{placed(norm.weight), placed(norm.bias)}; };
  const auto dense = [this](const EncoderLayerTensors::Dense& dense) {
    return Linear::Dense(dense.weight, dense.bias, placement_);
  };
  TRY_ASSIGN(const at::Tensor words, tensors.Words());
  words_ = placed(words);
  TRY_ASSIGN(const at::Tensor positions, tensors.Positions());
  positions_ = placed(positions);
  TRY_ASSIGN(const NormTensors first, tensors.Norm());
  norm_ = norm(first);
  for (int64_t i = 0; i < config_.layers; ++i) {
    TRY_ASSIGN(const EncoderLayerTensors layer, tensors.Layer(i));
    layers_.push_back({dense(layer.qkv), dense(layer.out), dense(layer.up), dense(layer.down),
                       norm(layer.attention_norm), norm(layer.ffn_norm)});
  }
  if (!has_head()) return {};
  TRY_ASSIGN(const EncoderLayerTensors::Dense pooler, tensors.Pooler());
  TRY_ASSIGN(const EncoderLayerTensors::Dense classifier, tensors.Classifier());
  pooler_ = dense(pooler);
  classifier_ = dense(classifier);
  return {};
}

int64_t AtenEncoder::parameters() const { return ParametersOf(config_); }

int64_t AtenEncoder::weight_bytes() const {
  return parameters() * static_cast<int64_t>(c10::elementSize(placement_.dtype));
}

AtenEncoder::Batch AtenEncoder::Pad(Texts texts) const {
  size_t longest = 0;
  for (const std::vector<int32_t>& ids : texts) longest = std::max(longest, ids.size());
  const std::vector<int64_t> shape{static_cast<int64_t>(texts.size()), static_cast<int64_t>(longest)};
  Batch padded{at::zeros(shape, at::TensorOptions().dtype(at::kLong)),
               at::zeros(shape, at::TensorOptions().dtype(at::kBool))};
  auto* ids = padded.ids.data_ptr<int64_t>();
  auto* mask = padded.mask.data_ptr<bool>();
  for (const std::vector<int32_t>& text : texts) {
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

at::Tensor AtenEncoder::Apply(const Norm& norm, const at::Tensor& x) const {
  return at::layer_norm(x, {config_.hidden}, norm.weight, norm.bias, config_.norm_eps);
}

// To [texts, longest, hidden].
at::Tensor AtenEncoder::Encode(const Batch& batch) const {
  const ModelConfig& c = config_;
  const int64_t texts = batch.ids.size(0);
  const int64_t longest = batch.ids.size(1);
  at::Tensor x =
      words_.index_select(0, batch.ids.view(-1)).view({texts, longest, c.hidden}) + positions_.narrow(0, 0, longest);
  x = Apply(norm_, x);
  std::optional<at::Tensor> mask;
  if (batch.padded) mask = batch.mask.view({texts, 1, 1, longest});
  for (const Layer& layer : layers_) {
    // [3, texts, heads, longest, head_dim]
    const at::Tensor qkv = layer.qkv.Forward(x).view({texts, longest, 3, c.heads, c.head_dim}).permute({2, 0, 3, 1, 4});
    const at::Tensor attended = at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], mask)
                                    .transpose(1, 2)
                                    .reshape({texts, longest, c.hidden});
    x = Apply(layer.attention_norm, layer.out.Forward(attended) + x);
    x = Apply(layer.ffn_norm, layer.down.Forward(at::gelu(layer.up.Forward(x))) + x);
  }
  return x;
}

Result<at::Tensor> AtenEncoder::Embed(Texts texts, Pooling pooling, Normalize normalize) {
  TRY(CheckTexts(texts, config_));
  try {
    const c10::InferenceMode mode;
    const Batch padded = Pad(texts);
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
    return StepFailure(failure);
  }
}

Result<at::Tensor> AtenEncoder::Classify(Texts texts) {
  TRY(CheckHead(config_));
  TRY(CheckTexts(texts, config_));
  try {
    const c10::InferenceMode mode;
    const at::Tensor first = Encode(Pad(texts)).select(1, 0);
    return classifier_.Forward(at::tanh(pooler_.Forward(first))).to(at::kFloat).to(at::kCPU).contiguous();
  } catch (const std::exception& failure) {
    return StepFailure(failure);
  }
}

}  // namespace troupe::model
