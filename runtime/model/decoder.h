// Decoders that generate text: Llama (Touvron et al., 2023; arXiv:2307.09288 for grouped queries) and its relatives.
// RMSNorm before each part, rotary positions, grouped queries, a gated feed-forward; what a family does otherwise is an
// option of DecoderConfig, decided when weights are loaded, so that no family pays for another's. Device-agnostic ATen
// in InferenceMode. Immutable once loaded; Forward changes only the caches it is given, and runs on one thread at a
// time.
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
  // Tokens of the sequence that are known already and come in later steps: the rest of a prompt that is run in pieces.
  // Where positions are turned by the sequence's length (kDynamic, kLongRope), all its pieces are turned alike then.
  int64_t ahead = 0;
};

class DecoderModel {
 public:
  // Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a weight
  // that a model of this configuration does not have: it would be left out of what is computed.
  static Result<std::unique_ptr<DecoderModel>> Load(const ModelConfig& config, const WeightSource& weights,
                                                    const Placement& placement);
  ~DecoderModel();

  // One step over several sequences: the linear layers run once over all their tokens. Gives float32 logits
  // [rows, vocab], a row for each position asked for, slice by slice. Tokens and positions are the caller's to check.
  // Where positions are turned by the sequence's length, a token keeps the turn of the length that it was computed at,
  // as in transformers.
  // Errors: INVALID_ARGUMENT for a token outside the vocabulary, OUT_OF_RANGE past max_positions, RESOURCE_EXHAUSTED
  // from a cache, INTERNAL for what torch throws; the caches are then as they were.
  Result<at::Tensor> Forward(std::span<const Slice> slices) const;

  std::unique_ptr<KvCache> NewCache(int64_t max_tokens) const;
  const ModelConfig& config() const { return config_; }
  const Placement& placement() const { return placement_; }
  int64_t parameters() const;

 private:
  friend class DecoderLoader;
  struct Layer {
    at::Tensor attention_norm;  // [hidden], like all norms in float32
    Linear qkv;                 // to queries, keys and values in one product
    at::Tensor qk_norm;         // [heads + kv_heads, head_dim], or undefined
    Linear out;
    at::Tensor attention_post_norm;  // [hidden], or undefined
    at::Tensor ffn_norm;             // [hidden]
    Linear gate_up;                  // to both halves of the gated feed-forward
    Linear down;
    at::Tensor ffn_post_norm;  // [hidden], or undefined
    int32_t rope = 0;          // of ropes_, or DecoderLayer::kNoRope
  };
  // Cosines and sines for the tokens of a step, each [tokens, 1, pairs].
  struct Turn {
    at::Tensor cosines, sines;
  };

  DecoderModel(const ModelConfig& config, const Placement& placement);
  std::vector<Turn> Turns(std::span<const Slice> slices, int64_t tokens) const;
  at::Tensor Run(std::span<const Slice> slices) const;
  at::Tensor Attention(size_t index, const at::Tensor& x, std::span<const Slice> slices,
                       const std::vector<Turn>& turns) const;
  at::Tensor FeedForward(const Layer& layer, const at::Tensor& x) const;

  ModelConfig config_;
  Placement placement_;
  at::Tensor embedding_;  // [vocab, hidden]
  double embedding_scale_ = 1;
  std::vector<Layer> layers_;
  std::vector<Rope> ropes_;
  at::Tensor norm_;  // [hidden]
  Linear head_;      // [hidden] to [vocab]
};

}  // namespace troupe::model
