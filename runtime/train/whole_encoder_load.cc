// How a WholeEncoder comes by its weights.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "runtime/train/whole_encoder.h"

namespace troupe::train {
namespace {

// As BERT was initialised (Devlin et al., 2019).
constexpr double kSpread = 0.02;

model::EncoderLayerTensors::Dense NewDense(int64_t out, int64_t in, uint64_t seed) {
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return {at::empty({out, in}, options).normal_(0, kSpread, generator), at::zeros({out}, options)};
}

}  // namespace

Result<WholeEncoder> WholeEncoder::LoadBody(model::ModelConfig config, const model::WeightSource& weights) {
  if (config.family != model::Family::kBert) {
    return Error{Code::kUnimplemented, "a \"" + config.architecture + "\" model is not of the BERT family"};
  }
  WholeEncoder encoder;
  encoder.config_ = std::move(config);
  const model::EncoderTensors tensors(encoder.config_, weights);
  TRY_ASSIGN(encoder.words_, tensors.Words());
  TRY_ASSIGN(encoder.positions_, tensors.Positions());
  TRY_ASSIGN(encoder.types_, tensors.Types());
  TRY_ASSIGN(encoder.norm_, tensors.Norm());
  for (int64_t i = 0; i < encoder.config_.layers; ++i) {
    TRY_ASSIGN(model::EncoderLayerTensors layer, tensors.Layer(i));
    encoder.layers_.push_back(std::move(layer));
  }
  if (tensors.HasPooler()) {
    TRY_ASSIGN(encoder.pooler_, tensors.Pooler());
  }
  return encoder;
}

Result<WholeEncoder> WholeEncoder::Load(const model::ModelConfig& config, const model::WeightSource& weights) {
  TRY(model::CheckHead(config));
  TRY_ASSIGN(WholeEncoder encoder, LoadBody(config, weights));
  const model::EncoderTensors tensors(encoder.config_, weights);
  TRY_ASSIGN(encoder.pooler_, tensors.Pooler());
  TRY_ASSIGN(encoder.classifier_, tensors.Classifier());
  encoder.OwnMemory();
  return encoder;
}

Result<WholeEncoder> WholeEncoder::LoadWithNewHead(model::ModelConfig config, const model::WeightSource& weights,
                                                   std::vector<std::string> labels, uint64_t seed) {
  config.architecture = "BertForSequenceClassification";
  config.labels = std::move(labels);
  TRY_ASSIGN(WholeEncoder encoder, LoadBody(std::move(config), weights));
  const model::ModelConfig& c = encoder.config_;
  if (!encoder.pooler_.weight.defined()) encoder.pooler_ = NewDense(c.hidden, c.hidden, seed + 1);
  encoder.classifier_ = NewDense(static_cast<int64_t>(c.labels.size()), c.hidden, seed);
  encoder.OwnMemory();
  return encoder;
}

void WholeEncoder::OwnMemory() {
  const auto own = [](at::Tensor& tensor) { tensor = tensor.clone(); };
  const auto own_norm = [&own](model::NormTensors& norm) { own(norm.weight), own(norm.bias); };
  const auto own_dense = [&own](Dense& dense) { own(dense.weight), own(dense.bias); };
  own(words_), own(positions_), own(types_);
  own_norm(norm_);
  for (model::EncoderLayerTensors& layer : layers_) {
    for (Dense* dense : {&layer.qkv, &layer.out, &layer.up, &layer.down}) own_dense(*dense);
    own_norm(layer.attention_norm);
    own_norm(layer.ffn_norm);
  }
  own_dense(pooler_);
  own_dense(classifier_);
}

}  // namespace troupe::train
