#include "runtime/model/tensor_view.h"

#include <array>

namespace troupe::model {
namespace {

struct FormatInfo {
  std::string_view name;
  BlockShape block;
};

// In the order of Format.
constexpr std::array<FormatInfo, 18> kFormats{{
    {"F32", {1, 4}},
    {"F16", {1, 2}},
    {"BF16", {1, 2}},
    {"F64", {1, 8}},
    {"I64", {1, 8}},
    {"I32", {1, 4}},
    {"I16", {1, 2}},
    {"I8", {1, 1}},
    {"U8", {1, 1}},
    {"BOOL", {1, 1}},
    {"Q8_0", {32, 34}},
    {"Q4_0", {32, 18}},
    {"Q4_1", {32, 20}},
    {"Q5_0", {32, 22}},
    {"Q5_1", {32, 24}},
    {"Q4_K", {256, 144}},
    {"Q5_K", {256, 176}},
    {"Q6_K", {256, 210}},
}};
static_assert(static_cast<size_t>(Format::kQ6K) + 1 == kFormats.size());

}  // namespace

std::string_view FormatName(Format format) { return kFormats[static_cast<size_t>(format)].name; }

BlockShape BlockOf(Format format) { return kFormats[static_cast<size_t>(format)].block; }

int64_t TensorView::numel() const {
  int64_t product = 1;
  for (int64_t size : shape) product *= size;
  return product;
}

Result<int64_t> BytesOf(Format format, std::span<const int64_t> shape) {
  const BlockShape block = BlockOf(format);
  int64_t values = 1;
  for (int64_t size : shape) {
    if (size < 0) return Invalid("a dimension is negative");
    if (__builtin_mul_overflow(values, size, &values)) return Invalid("the product of its dimensions overflows");
  }
  const int64_t row = shape.empty() ? 1 : shape.back();
  if (row % block.values != 0) {
    return Invalid("rows of " + std::to_string(row) + " values are not whole " + std::string(FormatName(format)) +
                   " blocks of " + std::to_string(block.values));
  }
  int64_t bytes = 0;
  if (__builtin_mul_overflow(values / block.values, block.bytes, &bytes)) return Invalid("its size overflows");
  return bytes;
}

}  // namespace troupe::model
