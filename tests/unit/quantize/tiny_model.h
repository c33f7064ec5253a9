// A tiny decoder of random weights, texts for it, and how far a quantised one is from it.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <ATen/ops/log_softmax.h>
#include <c10/core/InferenceMode.h>

#include <memory>
#include <random>
#include <vector>

#include "runtime/quantize/gptq.h"
#include "runtime/quantize/quantize.h"
#include "runtime/train/whole_decoder.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::quantize {

constexpr int64_t kTinyVocab = 96;

// Other tests run beside these.
[[maybe_unused]] inline const bool kOneThread = [] {
  at::set_num_threads(1);
  return true;
}();

inline std::vector<train::Window> TinyTexts(size_t count, size_t length, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<train::Window> windows(count, train::Window(length));
  for (auto& window : windows) {
    for (int32_t& token : window) token = static_cast<int32_t>(random() % kTinyVocab);
  }
  return windows;
}

inline model::ModelConfig TinyModel(bool tied) {
  model::ModelConfig config = model::TinyConfig(kTinyVocab);
  config.architecture = "LlamaForCausalLM";
  config.decoder.tied_embeddings = tied;
  return config;
}

inline std::shared_ptr<const model::WeightSource> TinyModelWeights(const model::ModelConfig& config) {
  auto tensors = model::TinyWeights(config);
  if (config.decoder.tied_embeddings) tensors.erase("lm_head.weight");
  return model::WeightsFromMap(std::move(tensors));
}

struct Distance {
  double logits = 0;      // mean squared difference
  double divergence = 0;  // mean KL(full || quantised), nats
};

// On texts of their own.
inline Distance DistanceOf(const model::ModelConfig& config, const Grids& grids) {
  const c10::InferenceMode mode;
  auto full = train::WholeDecoder::Load(config, *TinyModelWeights(config));
  auto rounded = train::WholeDecoder::Load(config, *TinyModelWeights(config));
  for (train::LinearPart* part : rounded->Matrices()) part->weight = ToTensor(grids.at(part->name));
  const at::Tensor ids = train::Batch(TinyTexts(16, 24, 99));
  const at::Tensor right = full->Forward(ids), own = rounded->Forward(ids);
  const at::Tensor wanted = at::log_softmax(right, -1);
  return {(right - own).pow(2).mean().item<double>(),
          (wanted.exp() * (wanted - at::log_softmax(own, -1))).sum(-1).mean().item<double>()};
}

}  // namespace troupe::quantize
