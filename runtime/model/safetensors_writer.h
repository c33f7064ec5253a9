// Writer for Hugging Face's safetensors (safetensors.h says how they are laid out): the file is whole or not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/tensor_view.h"

namespace troupe::model {

struct TensorOut {
  std::string name;
  Format format = Format::kF32;  // one that safetensors has
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;  // as many as format and shape say

  template <typename T>
  static TensorOut Of(std::string name, Format format, std::vector<int64_t> shape, std::span<const T> values) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    return {std::move(name), format, std::move(shape), {bytes, bytes + values.size_bytes()}};
  }
};

// In the order given; `metadata` is the header's "__metadata__". Errors: WriteFile's.
Status WriteSafetensors(const std::filesystem::path& path, const std::vector<TensorOut>& tensors,
                        const std::map<std::string, std::string>& metadata);

// The SHA-256 of the file that it would write.
std::string SafetensorsDigest(const std::vector<TensorOut>& tensors,
                              const std::map<std::string, std::string>& metadata);

}  // namespace troupe::model
