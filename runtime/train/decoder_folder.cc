#include "runtime/train/decoder_folder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/from_blob.h>

#include <map>
#include <string>

namespace troupe::train {
namespace {

bool IsNorm(const std::string& name) { return name.ends_with("norm.weight"); }

}  // namespace

std::shared_ptr<const model::WeightSource> ServedWeights(WholeDecoder& decoder) {
  std::map<std::string, at::Tensor, std::less<>> weights;
  const double offset = decoder.config().decoder.norm_offset;
  for (const Parameter& parameter : decoder.Parameters()) {
    const at::Tensor value = parameter.value.detach().to(at::kFloat);
    weights.emplace(parameter.name, IsNorm(parameter.name) && offset != 0 ? value - offset : value);
  }
  return model::WeightsFromMap(std::move(weights));
}

Value DecoderChanges(const model::ModelConfig& config) {
  return {{"num_hidden_layers", config.layers}, {"torch_dtype", "bfloat16"}};
}

std::vector<model::TensorOut> DecoderTensors(const model::ModelConfig& config, const BestWeights& weights) {
  std::vector<model::TensorOut> tensors;
  for (const model::TensorOut& weight : weights) {
    at::Tensor value =
        at::from_blob(const_cast<uint8_t*>(weight.bytes.data()), weight.shape, at::TensorOptions().dtype(at::kFloat));
    if (IsNorm(weight.name)) value = value - config.decoder.norm_offset;
    const at::Tensor half = value.to(at::kBFloat16).contiguous();
    const auto* bytes = static_cast<const uint8_t*>(half.const_data_ptr());
    tensors.push_back(
        model::TensorOut::Of(weight.name, model::Format::kBf16, weight.shape, std::span(bytes, half.nbytes())));
  }
  return tensors;
}

}  // namespace troupe::train
