// Where a model's weights come from, under Hugging Face's names ("model.layers.0.self_attn.q_proj.weight"), whatever
// the file. A model asks for each tensor once, while it is built.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"
#include "runtime/model/config.h"
#include "runtime/model/gguf.h"
#include "runtime/model/safetensors.h"

namespace troupe::model {

class WeightSource {
 public:
  virtual ~WeightSource() = default;

  virtual bool Has(std::string_view name) const = 0;
  // float32 on the CPU. Errors: NOT_FOUND, INVALID_ARGUMENT for another shape than the one asked for.
  virtual Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const = 0;
  // The tensor [rows, columns] as the file keeps it, where that is a grid that kernels multiply with (GGUF's Q4_0, Q4_1
  // and Q8_0; packed_grid.h in safetensors), without any loss; nothing where it is kept otherwise. Errors: as Load's.
  virtual Result<std::optional<kernels::Grid>> LoadGrid(std::string_view name, int64_t rows, int64_t columns) const;
  // Whether the file keeps it in a format of less than 16 bits a value.
  virtual bool IsQuantized(std::string_view name) const;
  // The tensors that are none of `names`, as the file calls them.
  virtual std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const = 0;
};

// Over one or more safetensors files. Errors: INVALID_ARGUMENT for a tensor that two of them have.
Result<std::shared_ptr<const WeightSource>> WeightsFromSafetensors(std::vector<Safetensors> files);

// Over a GGUF. Rows of Q and K that are in the order of interleaved rotary pairs (gguf_architecture.h) come out in
// Hugging Face's order of halves. `config` is the GGUF's own.
std::shared_ptr<const WeightSource> WeightsFromGguf(std::shared_ptr<const Gguf> gguf, const ModelConfig& config);

// From memory, for tests.
std::shared_ptr<const WeightSource> WeightsFromMap(std::map<std::string, at::Tensor, std::less<>> tensors);

}  // namespace troupe::model
