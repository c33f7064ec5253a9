// Decoders (decoder.h) on ATen, for every family and on whatever device libtorch knows. What a family does otherwise is
// decided when weights are loaded, so that no family pays for another's. In InferenceMode. Weights are immutable once
// loaded; what sequences remember lies in AtenPages.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/aten_pages.h"
#include "runtime/model/config.h"
#include "runtime/model/decoder.h"
#include "runtime/model/linear.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class AtenDecoder final : public Decoder {
 public:
  // Errors: NOT_FOUND for a missing weight, INVALID_ARGUMENT for one of the wrong shape, UNIMPLEMENTED for a weight
  // that a model of this configuration does not have: it would be left out of what is computed.
  static Result<std::unique_ptr<AtenDecoder>> Load(const ModelConfig& config, const WeightSource& weights,
                                                   const Placement& placement);
  ~AtenDecoder() override;

  Status ReservePages(int64_t pages) override { return pages_.Reserve(pages); }
  int64_t page_bytes() const override { return pages_.page_bytes(); }
  void CopyPage(PageId from, PageId to) override { pages_.Copy(from, to); }
  Result<std::span<float>> Forward(std::span<const Slice> slices) override;
  const ModelConfig& config() const override { return config_; }
  std::string compute() const override;
  int64_t parameters() const override;
  int64_t weight_bytes() const override {
    return parameters() * static_cast<int64_t>(c10::elementSize(placement_.dtype));
  }

 private:
  friend class AtenDecoderLoader;
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

  AtenDecoder(const ModelConfig& config, const Placement& placement);
  std::vector<Turn> Turns(std::span<const Slice> slices, int64_t tokens) const;
  at::Tensor Run(std::span<const Slice> slices);
  at::Tensor Attention(size_t index, const at::Tensor& x, const std::vector<Turn>& turns);
  at::Tensor FeedForward(const Layer& layer, const at::Tensor& x) const;

  ModelConfig config_;
  Placement placement_;
  at::Tensor embedding_;  // [vocab, hidden]
  double embedding_scale_ = 1;
  std::vector<Layer> layers_;
  std::vector<Rope> ropes_;
  at::Tensor norm_;  // [hidden]
  Linear head_;      // [hidden] to [vocab]
  AtenPages pages_;
  at::Tensor logits_;  // of the last step, on the CPU
};

}  // namespace troupe::model
