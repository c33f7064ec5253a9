// A layer's weights packed for products on the CPU: [rows, columns] times activations of any number of rows. Rows lie
// side by side in panels of 16, so that a product reads each byte once, in order, whatever the number format, and a row
// of activations gets the same sum in the same order however many others are multiplied with it.
//
// Products with float formats are float32 throughout. Those with grids are integer products: activations are rounded to
// 12 bits (with 4-bit weights) or 16 by blocks (activations.h), sums of a block are exact.
// Immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/error.h"
#include "runtime/kernels/grid.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

enum class Format : uint8_t { kF32, kBf16, kU8, kU4 };

class Matrix {
 public:
  Matrix() = default;
  // `values` [rows, columns]; format kF32 or kBf16 (rounded).
  static Matrix FromFloats(std::span<const float> values, int64_t rows, int64_t columns, Format format);
  // Keeps the grid's values exactly. Errors: CheckGrid's; UNIMPLEMENTED where columns or groups are no multiple of 8.
  static Result<Matrix> FromGrid(const Grid& grid);

  int64_t rows() const { return view_.rows; }
  int64_t columns() const { return view_.columns; }
  int64_t panels() const { return (view_.rows + kLanes - 1) / kLanes; }
  Format format() const { return format_; }
  // Columns of activations that share a scale; 0 for float formats.
  int64_t block() const { return view_.block; }
  // What is taken off a code to have it around 0: 8 or 128 for symmetric grids, else 0.
  int32_t middle() const { return middle_; }
  int64_t bytes() const { return panels() * view_.panel_bytes; }
  const MatrixView& view() const { return view_; }

  // Values [row] as floats, for tables that are looked up (embeddings).
  void Row(int64_t row, std::span<float> out) const;

 private:
  void Allocate(int64_t panel_bytes);

  Format format_ = Format::kF32;
  int32_t middle_ = 0;
  MatrixView view_{};
  std::shared_ptr<uint8_t> data_;  // nobody else's
};

}  // namespace troupe::kernels
