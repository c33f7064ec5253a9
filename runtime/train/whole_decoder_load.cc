// Weights into a WholeDecoder.
#include <ATen/core/TensorBody.h>

#include "runtime/model/decoder_tensors.h"
#include "runtime/train/whole_decoder.h"

namespace troupe::train {

class WholeDecoderLoader {
 public:
  WholeDecoderLoader(WholeDecoder& decoder, const model::WeightSource& weights, Memory memory)
      : decoder_(decoder), c_(decoder.config_), tensors_(decoder.config_, weights), memory_(memory) {}

  Status Load() {
    for (const model::RopeConfig& rope : c_.decoder.ropes) decoder_.ropes_.emplace_back(rope);
    for (int64_t i = 0; i < c_.layers; ++i) {
      Block block;
      TRY(model::LoadParts(
          tensors_.Layer(i), c_, [this](const std::string& name, int64_t size) { return LoadNorm(name, size); },
          [this](const model::LinearTensors& linear) { return LoadProjection(linear); }, block));
      decoder_.blocks_.push_back(std::move(block));
    }
    TRY_ASSIGN(decoder_.norm_, LoadNorm(model::DecoderTensors::kNorm, c_.hidden));
    const model::LinearTensors embedding{{{model::DecoderTensors::kEmbedding, c_.vocab_size}}, c_.hidden, false};
    TRY_ASSIGN(Projection table, LoadProjection(embedding));
    decoder_.embedding_ = std::move(table.parts.front());
    const model::LinearTensors head = tensors_.Head();
    if (!c_.decoder.tied_embeddings) {
      TRY_ASSIGN(Projection loaded, LoadProjection(head));
      decoder_.head_ = std::move(loaded.parts.front());
    }
    return tensors_.CheckAllUsed();
  }

 private:
  Result<at::Tensor> Get(const std::string& name, std::vector<int64_t> shape) {
    TRY_ASSIGN(at::Tensor tensor, tensors_.Get(name, std::move(shape)));
    return memory_ == Memory::kOwn ? tensor.clone() : tensor;
  }

  Result<at::Tensor> LoadNorm(const std::string& name, int64_t size) {
    TRY_ASSIGN(at::Tensor norm, tensors_.Norm(name, size));
    if (memory_ == Memory::kOwn) norm = norm.clone();
    decoder_.norms_.push_back({name, norm});
    return norm;
  }

  Result<Projection> LoadProjection(const model::LinearTensors& linear) {
    Projection projection;
    for (const auto& [name, rows] : linear.parts) {
      LinearPart part{name + ".weight", {}, {}};
      TRY_ASSIGN(part.weight, Get(part.name, {rows, linear.columns}));
      if (linear.has_bias) {
        TRY_ASSIGN(part.bias, Get(name + ".bias", {rows}));
      }
      projection.parts.push_back(std::move(part));
    }
    return projection;
  }

  WholeDecoder& decoder_;
  const model::ModelConfig& c_;
  model::DecoderTensors tensors_;
  const Memory memory_;
};

Result<WholeDecoder> WholeDecoder::Load(const model::ModelConfig& config, const model::WeightSource& weights,
                                        Memory memory) {
  WholeDecoder decoder;
  TRY(model::LoadWeights(config, [&] {
    decoder.config_ = config;
    return WholeDecoderLoader(decoder, weights, memory).Load();
  }));
  return decoder;
}

}  // namespace troupe::train
