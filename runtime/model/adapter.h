// LoRA adapters (Hu et al., 2021, arXiv:2106.09685): for some matrices of a model what is to be added to them, as a
// product of two thin ones. A folder in the form that PEFT writes (adapter_config.json, adapter_model.safetensors);
// merged into the weights as a model is loaded, so serving costs nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/base/error.h"
#include "runtime/model/safetensors.h"
#include "runtime/model/weights.h"

namespace troupe::model {

class Adapter {
 public:
  // Errors: NOT_FOUND; INVALID_ARGUMENT naming file and field or tensor; UNIMPLEMENTED for adapters that do more than
  // add products.
  static Result<Adapter> Open(const std::filesystem::path& folder);

  // `weights` with the products added. A matrix that is adapted is no longer on its file's grid. Errors:
  // INVALID_ARGUMENT for a matrix that the model does not have.
  Result<std::shared_ptr<const WeightSource>> On(std::shared_ptr<const WeightSource> weights) const;

  // Of the model that it was made for; empty where it does not say.
  const std::string& base_sha256() const { return base_sha256_; }
  // SHA-256 of its tensors' file.
  Result<std::string> Digest() const;

 private:
  explicit Adapter(Safetensors file) : file_(std::make_shared<const Safetensors>(std::move(file))) {}

  std::shared_ptr<const Safetensors> file_;
  double scale_ = 1;
  std::string base_sha256_;
};

// What an adapter's tensors are called: "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight" for the matrix
// "model.layers.0.self_attn.q_proj.weight". A is [rank, in], B [out, rank].
enum class AdapterSide { kA, kB };
std::string AdapterTensorName(const std::string& matrix, AdapterSide side);

}  // namespace troupe::model
