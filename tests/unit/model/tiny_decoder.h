// A Llama of random weights in memory: two layers, grouped queries, own output head.
#pragma once

#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "runtime/model/aten_decoder.h"
#include "runtime/model/load_decoder.h"

namespace troupe::model {

inline ModelConfig TinyConfig(int64_t vocab) {
  ModelConfig config;
  config.family = Family::kDecoder;
  config.architecture = "llama";
  config.name = "tiny";
  config.hidden = 32;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 8;
  config.ffn = 48;
  config.vocab_size = vocab;
  config.max_positions = 512;
  config.decoder.ropes = {RopeConfig{.dims = 8}};
  config.decoder.layers.resize(2);
  return config;
}

inline std::map<std::string, at::Tensor, std::less<>> TinyWeights(const ModelConfig& c, uint64_t seed = 7) {
  // A generator of our own (xorshift), so that the weights do not depend on torch's.
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  const auto random = [&state](std::vector<int64_t> shape) {
    at::Tensor tensor = at::ones(shape, at::TensorOptions().dtype(at::kFloat));
    auto* values = tensor.data_ptr<float>();
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      values[i] = (static_cast<float>(state >> 40) / static_cast<float>(1 << 24) - 0.5f) * 0.7f;
    }
    return tensor;
  };
  const auto ones = [](int64_t size) { return at::ones({size}, at::TensorOptions().dtype(at::kFloat)); };
  std::map<std::string, at::Tensor, std::less<>> weights;
  weights["model.embed_tokens.weight"] = random({c.vocab_size, c.hidden});
  weights["lm_head.weight"] = random({c.vocab_size, c.hidden});
  weights["model.norm.weight"] = ones(c.hidden);
  for (int64_t i = 0; i < c.layers; ++i) {
    const std::string prefix = "model.layers." + std::to_string(i) + ".";
    weights[prefix + "input_layernorm.weight"] = ones(c.hidden);
    weights[prefix + "post_attention_layernorm.weight"] = ones(c.hidden);
    weights[prefix + "self_attn.q_proj.weight"] = random({c.heads * c.head_dim, c.hidden});
    weights[prefix + "self_attn.k_proj.weight"] = random({c.kv_heads * c.head_dim, c.hidden});
    weights[prefix + "self_attn.v_proj.weight"] = random({c.kv_heads * c.head_dim, c.hidden});
    weights[prefix + "self_attn.o_proj.weight"] = random({c.hidden, c.heads * c.head_dim});
    weights[prefix + "mlp.gate_proj.weight"] = random({c.ffn, c.hidden});
    weights[prefix + "mlp.up_proj.weight"] = random({c.ffn, c.hidden});
    weights[prefix + "mlp.down_proj.weight"] = random({c.hidden, c.ffn});
  }
  return weights;
}

inline std::unique_ptr<Decoder> TinyDecoder(int64_t vocab) {
  const ModelConfig config = TinyConfig(vocab);
  auto model = LoadDecoder(config, *WeightsFromMap(TinyWeights(config)), {});
  EXPECT_TRUE(model) << ToString(model.error());
  return std::move(*model);
}

// `config` is TinyConfig, or that with other options which need no other weights.
inline std::unique_ptr<AtenDecoder> TinyAtenDecoder(const ModelConfig& config) {
  auto model = AtenDecoder::Load(config, *WeightsFromMap(TinyWeights(config)), {});
  EXPECT_TRUE(model) << ToString(model.error());
  return std::move(*model);
}

}  // namespace troupe::model
