// Decoders (decoder.h) on the CPU, with kernels of our own: weights packed for products with any number of rows, keys
// and values attended to in their pages, threads that share out each piece of work. A step allocates nothing once it
// has seen the largest batch, and gives a sequence the same logits, bit for bit, whoever is in the batch with it.
//
// Weights are immutable once loaded. Owns its threads; Forward is called on one thread, which does its share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kernels/attention.h"
#include "runtime/model/cpu_layers.h"
#include "runtime/model/decoder.h"
#include "runtime/model/layer_parts.h"
#include "runtime/model/rope.h"
#include "runtime/model/weight_format.h"
#include "runtime/model/weights.h"

namespace troupe::model {

// What a long piece of a prompt is attended to with: what is quickest for so many tokens, or what leaves the same bits
// in whatever pieces the prompt comes. Pieces depend on who else is in the batch, and on what is still there of prompts
// that began alike; so where a run is to be repeated to the bit it must be the latter.
enum class Bits : uint8_t { kQuickest, kSameInPieces };

struct CpuOptions {
  WeightFormat weights = WeightFormat::kF32;
  int threads = 1;  // the caller of Forward included
  Bits bits = Bits::kQuickest;
};

class CpuDecoder final : public Decoder {
 public:
  // Errors: as AtenDecoder::Load's.
  static Result<std::unique_ptr<CpuDecoder>> Load(const ModelConfig& config, const WeightSource& weights,
                                                  const CpuOptions& options);

  Status ReservePages(int64_t pages) override { return pages_.Reserve(pages); }
  int64_t page_bytes() const override { return pages_.page_bytes(); }
  void CopyPage(PageId from, PageId to) override { pages_.Copy(from, to); }
  Result<std::span<float>> Forward(std::span<const Slice> slices) override;
  const ModelConfig& config() const override { return config_; }
  // By the layers' weights; "int4" also where the head is kept in more.
  std::string compute() const override;
  int64_t parameters() const override;
  int64_t weight_bytes() const override;

 private:
  friend class CpuDecoderLoader;
  struct Layer : LayerParts<std::vector<float>, CpuLinear> {
    int32_t rope = 0;
    int64_t window = 0;
  };
  // A token of the step.
  struct Token {
    int32_t id;
    PageId page;
    int64_t slot;
  };
  // Some rows of a slice, and some of the heads that share a kv head.
  struct AttentionPart {
    size_t slice;
    int64_t first_token;  // of the step
    int64_t first_row;    // of the slice
    int64_t rows;
    int64_t first_head;
    int64_t heads;
  };

  CpuDecoder(const ModelConfig& config, const CpuOptions& options);
  void Plan(std::span<const Slice> slices);
  void PlanAttention(std::span<const Slice> slices);
  void Embed();
  void Attention(size_t index, std::span<const Slice> slices);
  void PlaceKeys(size_t index);
  void FeedForward(const Layer& layer);
  void Head();
  // Norms rows of x_ into `input_` for `linear`.
  void NormInto(const std::vector<float>& norm, const CpuLinear& linear);
  // x_ += linear(input), through `norm` where there is one.
  void AddProduct(const CpuLinear& linear, const kernels::Activations& input, const std::vector<float>& norm);

  ModelConfig config_;
  CpuOptions options_;
  std::vector<Rope> ropes_;
  float attention_scale_;
  std::vector<Layer> layers_;
  kernels::Matrix own_embedding_;  // where the head is another
  std::vector<float> norm_;        // [hidden]
  CpuLinear head_;
  kernels::KvPages pages_;
  kernels::Team team_;

  // Of one step, kept for their memory.
  std::vector<Token> tokens_;
  std::vector<int64_t> wanted_;  // tokens whose logits are asked for
  std::vector<AttentionPart> parts_;
  size_t scratch_floats_ = 0;
  std::vector<std::vector<float>> cosines_, sines_;  // of each rope, [tokens, pairs]
  std::vector<float> x_;                             // [tokens, hidden]
  std::vector<float> qkv_;                           // [tokens, (heads + 2 kv_heads) head_dim]
  std::vector<float> attended_;                      // [tokens, heads head_dim]
  std::vector<float> added_;                         // [tokens, hidden]
  std::vector<float> logits_;                        // [wanted, vocab]
  kernels::Activations input_, attended_input_, ffn_input_;
};

}  // namespace troupe::model
