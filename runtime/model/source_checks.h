// Private to runtime/model: what every source of weights checks, and says where it does not hold.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

// "[2, 3]".
std::string ShapeText(std::span<const int64_t> shape);
// `where` names the file.
Error MissingTensor(std::string_view name, const std::string& where);
Status CheckShape(const TensorView& view, std::span<const int64_t> shape, const std::string& where);
// float32 on the CPU.
Result<at::Tensor> LoadChecked(const TensorView& view, std::span<const int64_t> shape, const std::string& where);

template <typename Tensors>
std::vector<std::string> NamesOutside(const Tensors& tensors, const std::set<std::string, std::less<>>& names) {
  std::vector<std::string> outside;
  for (const auto& [name, tensor] : tensors) {
    if (!names.contains(name)) outside.push_back(name);
  }
  return outside;
}

}  // namespace troupe::model
