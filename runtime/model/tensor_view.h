// A tensor as it lies in a weights file: a name, a format, a shape and the bytes, not yet torch's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::model {

// Number formats of safetensors and GGUF together. The Q* are ggml's blocks (ggml-org/ggml, src/ggml-common.h).
enum class Format : uint8_t {
  kF32,
  kF16,
  kBf16,
  kF64,
  kI64,
  kI32,
  kI16,
  kI8,
  kU8,
  kBool,
  kQ80,
  kQ40,
  kQ41,
  kQ50,
  kQ51,
  kQ4K,
  kQ5K,
  kQ6K
};

// "F32", "Q4_1", ...
std::string_view FormatName(Format format);

// Values in one block, and the bytes that a block takes; {1, size} for plain numbers.
struct BlockShape {
  int64_t values = 1;
  int64_t bytes = 1;
};
BlockShape BlockOf(Format format);

struct TensorView {
  std::string name;
  Format format = Format::kF32;
  // Outermost first, as torch has it: [out, in] for a linear layer.
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;

  // Checked by the reader: fits int64.
  int64_t numel() const;
};

// Bytes of a tensor. Errors: INVALID_ARGUMENT for a dimension below 0, a product beyond int64, or rows that are not
// whole blocks.
Result<int64_t> BytesOf(Format format, std::span<const int64_t> shape);

}  // namespace troupe::model
