// Which tensors a decoder's configuration asks for, by Hugging Face's names, and reading them: what all decoders'
// loaders share. Remembers what was asked for, so that nothing in the file is left out unseen.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"
#include "runtime/model/config.h"
#include "runtime/model/layer_parts.h"
#include "runtime/model/weights.h"

namespace troupe::model {

// Layers over the same input, to be run as one product.
struct LinearTensors {
  struct Part {
    std::string name;  // without ".weight" and ".bias"
    int64_t rows = 0;
  };
  std::vector<Part> parts;
  int64_t columns = 0;
  bool has_bias = false;
};

// Norms by their names.
using LayerTensors = LayerParts<std::string, LinearTensors>;

// Runs `load`, which brings weights into a decoder. UNIMPLEMENTED for a model that does not generate text, and
// RESOURCE_EXHAUSTED for what torch or the allocator throws.
Status LoadWeights(const ModelConfig& config, const std::function<Status()>& load);

class DecoderTensors {
 public:
  DecoderTensors(const ModelConfig& config, const WeightSource& weights) : config_(config), weights_(weights) {}

  static constexpr const char* kEmbedding = "model.embed_tokens";
  static constexpr const char* kNorm = "model.norm.weight";
  LayerTensors Layer(int64_t index) const;
  // The output head where it is a tensor of its own; the embedding where it is not.
  LinearTensors Head();

  // float32 on the CPU; WeightSource::Load's errors.
  Result<at::Tensor> Get(const std::string& name, std::vector<int64_t> shape);
  // The weights of all parts, one below the other: [rows of all, columns].
  Result<at::Tensor> Weight(const LinearTensors& linear);
  // The same as the file keeps them, where it keeps all on grids of one kind.
  Result<std::optional<kernels::Grid>> Grid(const LinearTensors& linear);
  // [rows of all]; undefined where there is none.
  Result<at::Tensor> Bias(const LinearTensors& linear);
  // [size], with what the family adds to it.
  Result<at::Tensor> Norm(const std::string& name, int64_t size);

  // UNIMPLEMENTED for a tensor that nothing has asked for.
  Status CheckAllUsed() const;

 private:
  const ModelConfig& config_;
  const WeightSource& weights_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace troupe::model
