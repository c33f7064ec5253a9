#include "runtime/train/classifier_folder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>

#include <array>
#include <cstring>
#include <string>

#include "runtime/base/check.h"
#include "runtime/train/named_tensors.h"

namespace troupe::train {
namespace {

constexpr std::string_view kQkv = ".qkv.";

// Queries, keys and values are one parameter here and three tensors there, one below the other.
void AddQkv(const model::TensorOut& joined, std::vector<model::TensorOut>& to) {
  constexpr std::array kParts{".query.", ".key.", ".value."};
  const size_t at = joined.name.find(kQkv), third = joined.bytes.size() / kParts.size();
  for (size_t i = 0; i < kParts.size(); ++i) {
    model::TensorOut part{.name = "bert." + joined.name, .format = joined.format, .shape = joined.shape};
    part.name.replace(at + std::strlen("bert."), kQkv.size(), kParts[i]);
    part.shape[0] /= static_cast<int64_t>(kParts.size());
    const auto begin = joined.bytes.begin() + static_cast<std::ptrdiff_t>(i * third);
    part.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(third));
    to.push_back(std::move(part));
  }
}

}  // namespace

Value ClassifierConfig(const model::ModelConfig& config) {
  Value by_number = Value::object(), by_label = Value::object();
  for (size_t i = 0; i < config.labels.size(); ++i) {
    by_number[std::to_string(i)] = config.labels[i];
    by_label[config.labels[i]] = i;
  }
  return {{"architectures", {"BertForSequenceClassification"}},
          {"id2label", by_number},
          {"label2id", by_label},
          {"num_hidden_layers", config.layers},
          {"intermediate_size", config.ffn},
          {"problem_type", "single_label_classification"},
          {"score_temperature", config.score_temperature}};
}

std::vector<model::TensorOut> ClassifierTensors(const WholeEncoder& encoder, const BestWeights& weights) {
  CHECK(weights.size() == encoder.Parameters().size());
  std::vector<model::TensorOut> tensors;
  for (const model::TensorOut& weight : weights) {
    if (weight.name.find(kQkv) != weight.name.npos) {
      AddQkv(weight, tensors);
    } else {
      tensors.push_back(weight);
      if (!weight.name.starts_with("classifier.")) tensors.back().name = "bert." + weight.name;
    }
  }
  // The first type is part of the positions already: what is left of each type is what it has more than the first one.
  tensors.push_back(ToFile("bert.embeddings.token_type_embeddings.weight", encoder.types() - encoder.types()[0]));
  return tensors;
}

void TakeWeights(const BestWeights& weights, WholeEncoder& encoder) {
  const c10::AutoGradMode off(false);
  const std::vector<Parameter> parameters = encoder.Parameters();
  CHECK(weights.size() == parameters.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    at::Tensor value = parameters[i].value;
    CHECK(weights[i].name == parameters[i].name && weights[i].bytes.size() == value.nbytes());
    std::memcpy(value.mutable_data_ptr(), weights[i].bytes.data(), weights[i].bytes.size());
  }
}

}  // namespace troupe::train
