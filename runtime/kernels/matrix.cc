#include "runtime/kernels/matrix.h"

#include <cstring>
#include <string>

#include "runtime/base/check.h"
#include "runtime/kernels/float16.h"
#include "runtime/kernels/pack.h"
#include "runtime/kernels/weight_memory.h"

namespace troupe::kernels {
namespace {

void Put16(uint8_t* at, uint16_t value) { std::memcpy(at, &value, sizeof(value)); }
uint16_t Get16(const uint8_t* at) {
  uint16_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace

void Matrix::Allocate(int64_t panel_bytes) {
  view_.panel_bytes = panel_bytes;
  data_ = WeightMemory(bytes());
  view_.data = data_.get();
}

Matrix Matrix::FromFloats(std::span<const float> values, int64_t rows, int64_t columns, Format format) {
  CHECK(format == Format::kF32 || format == Format::kBf16);
  CHECK(rows > 0 && columns > 0 && static_cast<int64_t>(values.size()) == rows * columns);
  Matrix matrix;
  matrix.format_ = format;
  matrix.view_ = {nullptr, 0, rows, columns, 0, 0, false};
  matrix.Allocate(format == Format::kF32 ? columns * kLanes * 4 : RoundUp(columns, kBf16Step) * kLanes * 2);
  for (int64_t row = 0; row < rows; ++row) {
    uint8_t* panel = matrix.data_.get() + row / kLanes * matrix.view_.panel_bytes;
    const int64_t lane = row % kLanes;
    for (int64_t k = 0; k < columns; ++k) {
      const float value = values[static_cast<size_t>(row * columns + k)];
      if (format == Format::kF32) {
        std::memcpy(panel + (k * kLanes + lane) * 4, &value, 4);
      } else {
        Put16(panel + ((k / 2 * kLanes + lane) * 2 + k % 2) * 2, FloatToBf16(value));
      }
    }
  }
  return matrix;
}

Result<Matrix> Matrix::FromGrid(const Grid& grid) {
  TRY(CheckGrid(grid));
  int64_t block = grid.group;
  if (block > kLongestBlock) {
    block = kLongestBlock;
    while (block > 8 && grid.group % block != 0) block /= 2;
  }
  if (block % 8 != 0 || grid.group % block != 0) {
    return Error{Code::kUnimplemented, "products with a grid in groups of " + std::to_string(grid.group) +
                                           " columns: groups are multiples of 8 here"};
  }
  Matrix matrix;
  matrix.format_ = grid.bits == 4 ? Format::kU4 : Format::kU8;
  matrix.middle_ = grid.symmetric() ? 1 << (grid.bits - 1) : 0;
  matrix.view_ = {nullptr, 0, grid.rows, grid.columns, block, grid.group, !grid.symmetric()};
  const int64_t scale_bytes = ScaleBytes(grid.columns, grid.group);
  const int64_t codes_at = scale_bytes * (grid.symmetric() ? 1 : 2);
  matrix.Allocate(codes_at + RoundUp(kLanes * grid.columns * grid.bits / 8, 64));
  const int64_t groups = grid.columns / grid.group;
  for (int64_t row = 0; row < grid.rows; ++row) {
    uint8_t* panel = matrix.data_.get() + row / kLanes * matrix.view_.panel_bytes;
    const int64_t lane = row % kLanes;
    for (int64_t g = 0; g < groups; ++g) {
      const auto from = static_cast<size_t>(row * groups + g);
      Put16(panel + (g * kLanes + lane) * 2, grid.scales[from]);
      if (!grid.symmetric()) Put16(panel + scale_bytes + (g * kLanes + lane) * 2, grid.offsets[from]);
    }
    const uint8_t* codes = grid.codes.data() + row * grid.columns;
    uint8_t* to = panel + codes_at;
    for (int64_t k = 0; k < grid.columns; ++k) {
      if (grid.bits == 8) {
        to[(k / 4 * kLanes + lane) * 4 + k % 4] = codes[k];
      } else {
        to[(k / 8 * kLanes + lane) * 4 + k % 4] |= static_cast<uint8_t>(codes[k] << (k % 8 < 4 ? 0 : 4));
      }
    }
  }
  return matrix;
}

void Matrix::Row(int64_t row, std::span<float> out) const {
  CHECK(row >= 0 && row < view_.rows && static_cast<int64_t>(out.size()) == view_.columns);
  const uint8_t* panel = data_.get() + row / kLanes * view_.panel_bytes;
  const int64_t lane = row % kLanes;
  const int64_t scale_bytes =
      format_ == Format::kU8 || format_ == Format::kU4 ? ScaleBytes(view_.columns, view_.group) : 0;
  const uint8_t* codes = panel + scale_bytes * (view_.has_offsets ? 2 : 1);
  for (int64_t k = 0; k < view_.columns; ++k) {
    float& value = out[static_cast<size_t>(k)];
    switch (format_) {
      case Format::kF32:
        std::memcpy(&value, panel + (k * kLanes + lane) * 4, 4);
        break;
      case Format::kBf16:
        value = Bf16ToFloat(Get16(panel + ((k / 2 * kLanes + lane) * 2 + k % 2) * 2));
        break;
      case Format::kU8:
      case Format::kU4: {
        const int64_t at = (k / view_.group * kLanes + lane) * 2;
        const float scale = HalfToFloat(Get16(panel + at));
        const float offset =
            view_.has_offsets ? HalfToFloat(Get16(panel + scale_bytes + at)) : -scale * static_cast<float>(middle_);
        const int code = format_ == Format::kU8
                             ? codes[(k / 4 * kLanes + lane) * 4 + k % 4]
                             : (codes[(k / 8 * kLanes + lane) * 4 + k % 4] >> (k % 8 < 4 ? 0 : 4)) & 15;
        value = scale * static_cast<float>(code) + offset;
        break;
      }
    }
  }
}

}  // namespace troupe::kernels
