#include "runtime/train/classifier_folder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include "runtime/train/named_tensors.h"
#include "tests/unit/train/tiny_training.h"

namespace troupe::train {
namespace {

TEST(ClassifierFolder, WhatIsWrittenClassifiesAsWhatWasTrained) {
  // given a classifier that was trained a little
  ClassifierTraining training = TinyTraining();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(training.Step());
  const WholeEncoder& trained = training.student();
  BestWeights best;
  for (const Parameter& parameter : trained.Parameters()) best.push_back(ToFile(parameter.name, parameter.value));
  // when its tensors are read as the product's encoder reads them
  std::map<std::string, at::Tensor, std::less<>> tensors;
  for (const model::TensorOut& tensor : ClassifierTensors(trained, best)) {
    at::Tensor values = at::empty(tensor.shape, at::TensorOptions().dtype(at::kFloat));
    std::memcpy(values.mutable_data_ptr(), tensor.bytes.data(), tensor.bytes.size());
    EXPECT_TRUE(tensors.emplace(tensor.name, values).second) << tensor.name;
  }
  const auto encoder = model::AtenEncoder::Load(trained.config(), *model::WeightsFromMap(tensors), {});
  ASSERT_TRUE(encoder) << ToString(encoder.error());
  // then it gives the same scores
  const EncodedTexts texts = TinyTexts(9, 4);
  const at::Tensor difference = *(*encoder)->Classify(texts.ids) - trained.Forward(Pad(texts.ids)).logits.detach();
  EXPECT_LT(difference.abs().max().item<double>(), 1e-5);
  // and texts of another type would see what they saw before
  const auto before = model::TinyBertWeights(trained.config());
  const at::Tensor &types = before.at("bert.embeddings.token_type_embeddings.weight"),
                   &written = tensors.at("bert.embeddings.token_type_embeddings.weight");
  EXPECT_LT((written[1] - written[0] - types[1] + types[0]).abs().max().item<double>(), 1e-6);
}

TEST(ClassifierFolder, ItsConfigurationIsReadBack) {
  model::ModelConfig config = model::TinyBertConfig(2);
  config.labels = {"yes", "no"};
  Value json = {{"model_type", "bert"},   {"hidden_size", 16}, {"num_attention_heads", 4},     {"num_hidden_layers", 7},
                {"intermediate_size", 7}, {"vocab_size", 50},  {"max_position_embeddings", 32}};
  json.update(ClassifierConfig(config));
  const auto read = model::ConfigFromJson(json, "config.json");
  ASSERT_TRUE(read) << ToString(read.error());
  EXPECT_EQ(*read, config);
}

}  // namespace
}  // namespace troupe::train
