#include "runtime/model/encoder_tensors.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include <exception>

#include "runtime/model/step_failure.h"

namespace troupe::model {

// Names are written with and without the prefix "bert.": BertModel and BertForSequenceClassification differ in it.
EncoderTensors::EncoderTensors(const ModelConfig& config, const WeightSource& weights)
    : config_(config), weights_(weights), prefix_(weights.Has("bert.embeddings.LayerNorm.weight") ? "bert." : "") {}

Result<at::Tensor> EncoderTensors::Get(const std::string& name, std::vector<int64_t> shape) const {
  return weights_.Load(prefix_ + name, std::move(shape));
}

Result<NormTensors> EncoderTensors::Norm(const std::string& name) const {
  NormTensors norm;
  TRY_ASSIGN(norm.weight, Get(name + ".weight", {config_.hidden}));
  TRY_ASSIGN(norm.bias, Get(name + ".bias", {config_.hidden}));
  return norm;
}

Result<EncoderLayerTensors::Dense> EncoderTensors::Dense(const std::string& name, int64_t out, int64_t in) const {
  EncoderLayerTensors::Dense dense;
  TRY_ASSIGN(dense.weight, Get(name + ".weight", {out, in}));
  TRY_ASSIGN(dense.bias, Get(name + ".bias", {out}));
  return dense;
}

Result<at::Tensor> EncoderTensors::Words() const {
  return Get("embeddings.word_embeddings.weight", {config_.vocab_size, config_.hidden});
}

Result<at::Tensor> EncoderTensors::Positions() const {
  TRY_ASSIGN(const at::Tensor positions,
             Get("embeddings.position_embeddings.weight", {config_.max_positions, config_.hidden}));
  TRY_ASSIGN(const at::Tensor types, Types());
  return positions + types[0];
}

Result<at::Tensor> EncoderTensors::Types() const {
  return Get("embeddings.token_type_embeddings.weight", {config_.type_vocab_size, config_.hidden});
}

Result<NormTensors> EncoderTensors::Norm() const { return Norm("embeddings.LayerNorm"); }

Result<EncoderLayerTensors> EncoderTensors::Layer(int64_t index) const {
  const std::string prefix = "encoder.layer." + std::to_string(index) + ".";
  const int64_t hidden = config_.hidden;
  EncoderLayerTensors layer;
  std::vector<at::Tensor> weights, biases;
  for (const char* part : {"query", "key", "value"}) {
    TRY_ASSIGN(EncoderLayerTensors::Dense dense, Dense(prefix + "attention.self." + part, hidden, hidden));
    weights.push_back(std::move(dense.weight));
    biases.push_back(std::move(dense.bias));
  }
  layer.qkv = {at::cat(weights), at::cat(biases)};
  TRY_ASSIGN(layer.out, Dense(prefix + "attention.output.dense", hidden, hidden));
  TRY_ASSIGN(layer.attention_norm, Norm(prefix + "attention.output.LayerNorm"));
  TRY_ASSIGN(layer.up, Dense(prefix + "intermediate.dense", config_.ffn, hidden));
  TRY_ASSIGN(layer.down, Dense(prefix + "output.dense", hidden, config_.ffn));
  TRY_ASSIGN(layer.ffn_norm, Norm(prefix + "output.LayerNorm"));
  return layer;
}

bool EncoderTensors::HasPooler() const { return weights_.Has(prefix_ + "pooler.dense.weight"); }

Result<EncoderLayerTensors::Dense> EncoderTensors::Pooler() const {
  return Dense("pooler.dense", config_.hidden, config_.hidden);
}

Result<EncoderLayerTensors::Dense> EncoderTensors::Classifier() const {
  const auto labels = static_cast<int64_t>(config_.labels.size());
  EncoderLayerTensors::Dense dense;
  TRY_ASSIGN(dense.weight, weights_.Load("classifier.weight", {labels, config_.hidden}));
  TRY_ASSIGN(dense.bias, weights_.Load("classifier.bias", {labels}));
  return dense;
}

Status LoadEncoderWeights(const ModelConfig& config, const std::function<Status()>& load) {
  if (config.family != Family::kBert) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model is not of the BERT family"};
  }
  try {
    const c10::InferenceMode mode;
    return load();
  } catch (const std::exception& failure) {
    return Exhausted("loading the weights failed: " + FirstLine(failure));
  }
}

}  // namespace troupe::model
