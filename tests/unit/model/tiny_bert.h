// A BERT of random weights in memory, with or without a classification head.
#pragma once

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/model/aten_encoder.h"
#include "runtime/model/cpu_encoder.h"

namespace troupe::model {

inline ModelConfig TinyBertConfig(int labels = 0) {
  ModelConfig c;
  c.family = Family::kBert;
  c.architecture = labels > 0 ? "BertForSequenceClassification" : "BertModel";
  c.hidden = 16;
  c.layers = 2;
  c.heads = c.kv_heads = 4;
  c.head_dim = 4;
  c.ffn = 24;
  c.vocab_size = 50;
  c.max_positions = 32;
  c.norm_eps = 1e-12;
  for (int i = 0; i < labels; ++i) c.labels.push_back("label" + std::to_string(i));
  return c;
}

inline std::map<std::string, at::Tensor, std::less<>> TinyBertWeights(const ModelConfig& c) {
  uint64_t state = 42;
  std::map<std::string, at::Tensor, std::less<>> weights;
  const auto labels = static_cast<int64_t>(c.labels.size());
  const std::string prefix = labels > 0 ? "bert." : "";
  const auto add = [&](const std::string& name, std::vector<int64_t> shape) {
    at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
    auto* values = tensor.data_ptr<float>();
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      values[i] = static_cast<float>(state >> 40) / static_cast<float>(1 << 24) - 0.5f;
    }
    weights[name] = tensor;
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {c.hidden});
    add(name + ".bias", {c.hidden});
  };
  const auto dense = [&](const std::string& name, int64_t out, int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  };
  add(prefix + "embeddings.word_embeddings.weight", {c.vocab_size, c.hidden});
  add(prefix + "embeddings.position_embeddings.weight", {c.max_positions, c.hidden});
  add(prefix + "embeddings.token_type_embeddings.weight", {2, c.hidden});
  norm(prefix + "embeddings.LayerNorm");
  for (int64_t i = 0; i < c.layers; ++i) {
    const std::string layer = prefix + "encoder.layer." + std::to_string(i) + ".";
    for (const char* name : {"query", "key", "value"}) dense(layer + "attention.self." + name, c.hidden, c.hidden);
    dense(layer + "attention.output.dense", c.hidden, c.hidden);
    norm(layer + "attention.output.LayerNorm");
    dense(layer + "intermediate.dense", c.ffn, c.hidden);
    dense(layer + "output.dense", c.hidden, c.ffn);
    norm(layer + "output.LayerNorm");
  }
  if (labels > 0) {
    dense("bert.pooler.dense", c.hidden, c.hidden);
    dense("classifier", labels, c.hidden);
  }
  return weights;
}

// Every implementation there is, computing in float32: what is true of one is true of all.
inline std::vector<std::unique_ptr<Encoder>> TinyBerts(int labels) {
  const ModelConfig config = TinyBertConfig(labels);
  const auto weights = WeightsFromMap(TinyBertWeights(config));
  std::vector<std::unique_ptr<Encoder>> encoders;
  auto aten = AtenEncoder::Load(config, *weights, {});
  auto cpu = CpuEncoder::Load(config, *weights, WeightFormat::kF32, 2);
  EXPECT_TRUE(aten) << ToString(aten.error());
  EXPECT_TRUE(cpu) << ToString(cpu.error());
  if (aten) encoders.push_back(std::move(*aten));
  if (cpu) encoders.push_back(std::move(*cpu));
  return encoders;
}

}  // namespace troupe::model
