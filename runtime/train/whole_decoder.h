// A decoder (runtime/model/decoder.h) over whole texts at once, as plain tensors: what calibration looks into and what
// training changes. Each part of a layer can be run by itself. Computes in float32 with torch's own operators, so that
// gradients flow where they are asked for; where a weight is bfloat16, that product is computed in bfloat16.
// No pages, no steps: for generating text there are AtenDecoder and CpuDecoder, which give the same logits.
//
// The tensors are the owner's to replace. On one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/config.h"
#include "runtime/model/layer_parts.h"
#include "runtime/model/weights.h"
#include "runtime/train/parameter.h"

namespace troupe::train {

struct LinearPart {
  std::string name;   // of the weight: "model.layers.0.self_attn.q_proj.weight"
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out], or undefined
};

// Linear layers over the same input.
struct Projection {
  std::vector<LinearPart> parts;
  // [..., in] to [..., out of all parts], float32.
  at::Tensor Forward(const at::Tensor& input) const;
};

// A layer. Norms are in float32, with what the family adds to them.
using Block = model::LayerParts<at::Tensor, Projection>;

// Whether tensors may be views of the file that they were read from, or have memory of their own, to be changed in it.
enum class Memory : uint8_t { kShared, kOwn };

class WholeDecoder {
 public:
  // Errors: as AtenDecoder::Load's.
  static Result<WholeDecoder> Load(const model::ModelConfig& config, const model::WeightSource& weights,
                                   Memory memory = Memory::kShared);

  // ids [batch, seq], int64, to [batch, seq, hidden].
  at::Tensor Embed(const at::Tensor& ids) const;
  // A layer: x [batch, seq, hidden] to the same.
  at::Tensor Layer(size_t index, const at::Tensor& x) const;
  // x behind the last layer to what the head sees, and that to logits [batch, seq, vocab] in float32.
  at::Tensor HeadInput(const at::Tensor& x) const;
  at::Tensor Logits(const at::Tensor& head_input) const;
  // All of it: ids to logits.
  at::Tensor Forward(const at::Tensor& ids) const;

  // The parts of a layer, in the order in which they run:
  at::Tensor QkvInput(size_t index, const at::Tensor& x) const;    // [batch, seq, hidden]
  at::Tensor OutInput(size_t index, const at::Tensor& qkv) const;  // [batch, seq, heads head_dim]
  at::Tensor AddOut(size_t index, const at::Tensor& x, const at::Tensor& out) const;
  at::Tensor GateUpInput(size_t index, const at::Tensor& x) const;      // [batch, seq, hidden]
  at::Tensor DownInput(size_t index, const at::Tensor& gate_up) const;  // [batch, seq, ffn]
  at::Tensor AddDown(size_t index, const at::Tensor& x, const at::Tensor& down) const;

  const model::ModelConfig& config() const { return config_; }
  std::vector<Block>& blocks() { return blocks_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  LinearPart& embedding() { return embedding_; }
  // The same as the embedding where they are tied.
  LinearPart& head() { return config_.decoder.tied_embeddings ? embedding_ : head_; }
  const LinearPart& head() const { return config_.decoder.tied_embeddings ? embedding_ : head_; }
  // Every matrix once: layer by layer, then the embedding and, where it is another, the head.
  std::vector<LinearPart*> Matrices();
  // Matrices, biases and norms, each once, as they are now. They share their memory with the layers. Norms have what
  // the family adds to them.
  std::vector<Parameter> Parameters();

 private:
  friend class WholeDecoderLoader;
  at::Tensor Turn(size_t rope, const at::Tensor& x) const;

  model::ModelConfig config_;
  LinearPart embedding_, head_;  // [vocab, hidden]
  std::vector<Block> blocks_;
  at::Tensor norm_;               // [hidden]
  std::vector<Parameter> norms_;  // all of them, by name
  std::vector<model::Rope> ropes_;
};

}  // namespace troupe::train
