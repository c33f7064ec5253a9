// Weights that follow from their names, so that goldens need not hold them: `weights` of golden/make_families.py,
// number for number.
#pragma once

#include <ATen/ops/empty.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/model/weights.h"

namespace troupe::model {

inline uint64_t HashOfName(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

// splitmix64.
inline uint64_t Mix(uint64_t x) {
  x = x * 0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// `centre`: what norms lie around, 1 or, for Gemma, 0.
inline at::Tensor HashTensor(std::string_view name, const std::vector<int64_t>& shape, float centre) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
  auto* values = tensor.data_ptr<float>();
  const uint64_t seed = HashOfName(name);
  const bool is_norm = name.ends_with("norm.weight");
  float width = 0.5f;
  if (name == "model.embed_tokens.weight") {
    width = 1;
  } else if (!is_norm && !name.ends_with(".bias")) {
    bool sharp = false;
    for (const char* part : {".q_proj.", ".k_proj.", ".qkv_proj."}) sharp |= name.find(part) != std::string_view::npos;
    width = (sharp ? 6.0f : 3.5f) / std::sqrt(static_cast<float>(shape.back()));
  }
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    const float unit = static_cast<float>(Mix(seed + static_cast<uint64_t>(i)) >> 40) * 0x1p-24f - 0.5f;
    values[i] = unit * width + (is_norm ? centre : 0.0f);
  }
  return tensor;
}

// A model that has the tensors named, in whatever shape it is asked for.
class HashWeights final : public WeightSource {
 public:
  HashWeights(std::set<std::string, std::less<>> names, float centre) : names_(std::move(names)), centre_(centre) {}

  bool Has(std::string_view name) const override { return names_.contains(name); }
  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    if (!Has(name)) return NotFound("there is no tensor \"" + std::string(name) + "\"");
    return HashTensor(name, shape, centre_);
  }
  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    std::vector<std::string> unused;
    for (const std::string& name : names_) {
      if (!names.contains(name)) unused.push_back(name);
    }
    return unused;
  }

 private:
  std::set<std::string, std::less<>> names_;
  float centre_;
};

// A source that writes down what a model asked it for.
class Recorder final : public WeightSource {
 public:
  explicit Recorder(const WeightSource& source) : source_(source) {}

  bool Has(std::string_view name) const override { return source_.Has(name); }
  Result<at::Tensor> Load(std::string_view name, std::vector<int64_t> shape) const override {
    auto tensor = source_.Load(name, std::move(shape));
    if (tensor) loaded_.emplace(name, *tensor);
    return tensor;
  }
  std::vector<std::string> Unused(const std::set<std::string, std::less<>>& names) const override {
    return source_.Unused(names);
  }
  const std::map<std::string, at::Tensor>& loaded() const { return loaded_; }

 private:
  const WeightSource& source_;
  mutable std::map<std::string, at::Tensor> loaded_;
};

}  // namespace troupe::model
