// The llama family (Touvron et al., 2023; arXiv:2307.09288 for grouped queries): pre-norm RMSNorm, rotary positions
// (Su et al., 2021), SwiGLU, tied or own output head. Device-agnostic ATen in InferenceMode. Immutable once loaded;
// Forward changes only the caches it is given, and runs on one thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/kv_cache.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

// Which positions of a slice give logits.
enum class Logits : uint8_t { kNone, kLast, kAll };

// A run of new tokens of one sequence.
struct Slice {
  KvCache* cache = nullptr;
  std::span<const int32_t> tokens;
  Logits logits = Logits::kLast;
};

class LlamaModel {
 public:
  // Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape.
  static Result<std::unique_ptr<LlamaModel>> Load(const ModelConfig& config, const WeightSource& weights,
                                                  const Placement& placement);
  ~LlamaModel();

  // One step over several sequences: the linear layers run once over all their tokens. Gives float32 logits
  // [rows, vocab], a row for each position asked for, slice by slice. Tokens and positions are the caller's to check.
  // Errors: INVALID_ARGUMENT for a token outside the vocabulary, OUT_OF_RANGE past max_positions, RESOURCE_EXHAUSTED
  // from a cache, INTERNAL for what torch throws; the caches are then as they were.
  Result<at::Tensor> Forward(std::span<const Slice> slices) const;

  std::unique_ptr<KvCache> NewCache(int64_t max_tokens) const;
  const ModelConfig& config() const { return config_; }
  const Placement& placement() const { return placement_; }
  int64_t parameters() const;

 private:
  struct Layer;
  LlamaModel(const ModelConfig& config, const Placement& placement);
  Status LoadWeights(const WeightSource& weights);
  at::Tensor Run(std::span<const Slice> slices) const;

  ModelConfig config_;
  Placement placement_;
  at::Tensor embedding_;  // [vocab, hidden]
  std::vector<Layer> layers_;
  at::Tensor norm_;       // [hidden]
  Linear head_;           // [hidden] to [vocab]
  at::Tensor cos_, sin_;  // [max_positions, head_dim / 2], float32
};

}  // namespace troupe::model
