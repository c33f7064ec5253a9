// What differs between the families of decoders that runtime/model/decoder.h runs, as plain options: a family is a
// reading of its config.json or GGUF metadata into this (config_decoder.cc, config_gguf.cc), not code of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/model/rope.h"

namespace troupe::model {

enum class Activation : uint8_t { kSilu, kGelu, kGeluTanh };

struct DecoderLayer {
  static constexpr int32_t kNoRope = -1;

  int32_t rope = 0;    // which of DecoderConfig::ropes turns queries and keys; kNoRope: none (SmolLM3)
  int64_t window = 0;  // a token sees this many tokens, itself included; 0: all before it

  bool operator==(const DecoderLayer&) const = default;
};

// The defaults are Llama 2's.
struct DecoderConfig {
  std::vector<RopeConfig> ropes;     // one; Gemma 3 has one for its layers that see all and one for those that do not
  std::vector<DecoderLayer> layers;  // as many as the model has
  Activation activation = Activation::kSilu;
  bool tied_embeddings = false;  // the output head is the embedding
  bool qkv_bias = false;
  bool out_bias = false;  // of attention's output
  bool mlp_bias = false;
  bool qk_norm = false;     // queries and keys are normed, each head by itself, before they are turned (Qwen3, Gemma 3)
  bool post_norms = false;  // attention's and the feed-forward's results are normed too (Gemma 2 and 3)
  double norm_offset = 0;   // added to every norm's weight: Gemma's are kept around 0. A GGUF has it added already.
  double embedding_scale = 1;    // embeddings are multiplied by it (Gemma: the root of the hidden size)
  double attention_scale = 0;    // scores are multiplied by it; 0: head_dim^-0.5
  double attention_softcap = 0;  // scores x become softcap * tanh(x / softcap); 0: as they are (Gemma 2)
  double logit_softcap = 0;      // the same for logits

  bool operator==(const DecoderConfig&) const = default;
};

}  // namespace troupe::model
