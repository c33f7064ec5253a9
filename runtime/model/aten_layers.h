// A decoder's weights on ATen and what its layers compute with them, whoever keeps the keys and values: steps of any
// shape (aten_decoder.h) and those of fixed shape (static_step.h) run the very same operators. What a family does
// otherwise is decided when weights are loaded, so that no family pays for another's. Immutable once loaded; called in
// InferenceMode.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/layer_parts.h"
#include "runtime/model/linear.h"
#include "runtime/model/rope.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class AtenLayers {
 public:
  // Cosines and sines for the tokens of a step, each [tokens, 1, pairs], in the dtype of the weights.
  struct Turn {
    at::Tensor cosines, sines;
  };
  // Keeps the keys and values of a layer's new tokens and gives their queries' attention. q [tokens, heads, head_dim],
  // k and v [tokens, kv_heads, head_dim]; the result is [tokens, heads * head_dim].
  using Attend =
      std::function<at::Tensor(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)>;

  // Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a weight
  // that a model of this configuration does not have: it would be left out of what is computed.
  static Result<std::unique_ptr<AtenLayers>> Load(const ModelConfig& config, const WeightSource& weights,
                                                  const Placement& placement);

  // From float32 [2, tokens, 1, pairs]: cosines, then sines.
  Turn TurnOf(const at::Tensor& both) const;
  // ids int64 [tokens], a turn for each of ropes(); [tokens, hidden].
  at::Tensor Run(const at::Tensor& ids, std::span<const Turn> turns, const Attend& attend) const;
  // What follows Run for the rows whose logits are wanted: [rows, hidden] to float32 [rows, vocab].
  at::Tensor Logits(const at::Tensor& x) const;

  const ModelConfig& config() const { return config_; }
  const Placement& placement() const { return placement_; }
  const std::vector<Rope>& ropes() const { return ropes_; }
  int64_t parameters() const;

 private:
  friend class AtenLayersLoader;
  // Norms in float32.
  struct Layer : LayerParts<at::Tensor, Linear> {
    at::Tensor qk_norm;  // q_norm for each head, then k_norm: [heads + kv_heads, head_dim], or undefined
    int32_t rope = 0;    // of ropes_, or DecoderLayer::kNoRope
  };

  AtenLayers(const ModelConfig& config, const Placement& placement);
  at::Tensor Attention(size_t index, const at::Tensor& x, std::span<const Turn> turns, const Attend& attend) const;
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
