#include "runtime/model/packed_grid.h"

#include <cstring>
#include <string>

#include "runtime/base/check.h"

namespace troupe::model {
namespace {

Error Wrong(const TensorView& view, const std::string& what) {
  return Invalid("tensor \"" + view.name.substr(0, 200) + "\" " + what);
}

bool IsMatrix(const TensorView& view, Format format, int64_t rows) {
  return view.format == format && view.shape.size() == 2 && view.shape[0] == rows && view.shape[1] > 0;
}

std::vector<uint16_t> Halves(const TensorView& view) {
  std::vector<uint16_t> halves(view.bytes.size() / 2);
  std::memcpy(halves.data(), view.bytes.data(), view.bytes.size());
  return halves;
}

}  // namespace

std::vector<TensorOut> PackGrid(std::string_view name, const kernels::Grid& grid) {
  CHECK(grid.columns % 2 == 0);
  const std::string base(name);
  std::vector<uint8_t> codes = grid.codes;
  int64_t width = grid.columns;
  if (grid.bits == 4) {
    width /= 2;
    codes.resize(codes.size() / 2);
    for (size_t i = 0; i < codes.size(); ++i) {
      codes[i] = static_cast<uint8_t>(grid.codes[2 * i] | grid.codes[2 * i + 1] << 4);
    }
  }
  const std::vector<int64_t> groups{grid.rows, grid.columns / grid.group};
  std::vector<TensorOut> tensors;
  tensors.push_back({base + std::string(kCodesSuffix), Format::kU8, {grid.rows, width}, std::move(codes)});
  tensors.push_back(
      TensorOut::Of<uint16_t>(base + std::string(kScalesSuffix), Format::kF16, groups, std::span(grid.scales)));
  if (!grid.symmetric()) {
    tensors.push_back(
        TensorOut::Of<uint16_t>(base + std::string(kOffsetsSuffix), Format::kF16, groups, std::span(grid.offsets)));
  }
  return tensors;
}

Result<kernels::Grid> UnpackGrid(const TensorView& codes, const TensorView& scales, const TensorView* offsets,
                                 int64_t rows, int64_t columns) {
  if (!IsMatrix(codes, Format::kU8, rows) || (codes.shape[1] != columns && codes.shape[1] * 2 != columns)) {
    return Wrong(codes, "is not U8 codes of 4 or 8 bits for the " + std::to_string(rows) + " by " +
                            std::to_string(columns) + " values that the configuration asks for");
  }
  if (!IsMatrix(scales, Format::kF16, rows) || columns % scales.shape[1] != 0) {
    return Wrong(scales, "is not F16 scales for groups of " + std::to_string(rows) + " rows of " +
                             std::to_string(columns) + " values");
  }
  if (offsets != nullptr && (offsets->format != Format::kF16 || offsets->shape != scales.shape)) {
    return Wrong(*offsets, "is not F16 in the shape of the scales");
  }
  kernels::Grid grid{.rows = rows,
                     .columns = columns,
                     .bits = codes.shape[1] == columns ? 8 : 4,
                     .group = columns / scales.shape[1],
                     .scales = Halves(scales)};
  if (offsets != nullptr) grid.offsets = Halves(*offsets);
  const auto* bytes = reinterpret_cast<const uint8_t*>(codes.bytes.data());
  grid.codes.resize(static_cast<size_t>(rows * columns));
  if (grid.bits == 8) {
    std::memcpy(grid.codes.data(), bytes, grid.codes.size());
  } else {
    for (size_t i = 0; i < codes.bytes.size(); ++i) {
      grid.codes[2 * i] = bytes[i] & 15;
      grid.codes[2 * i + 1] = bytes[i] >> 4;
    }
  }
  if (auto status = kernels::CheckGrid(grid); !status) return Wrong(scales, "is wrong: " + status.error().message);
  return grid;
}

}  // namespace troupe::model
