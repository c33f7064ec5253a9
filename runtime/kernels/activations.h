// Rows of activations in the form in which a packed matrix takes them, and the product itself. A buffer to be used
// again and again: it grows to the most rows it has held. Set and Multiply may run on several threads at once for
// different rows or panels.
//
// For matrices on grids activations are rounded by blocks to 16 bits (weights of 8) or 12 (weights of 4), in two parts.
// Eight alone would cost more than the weights' own grid: one of SmolLM2's next tokens in twenty is another one then,
// with sixteen none of 219 (mean divergence from float32: 0.006 and 0.00005 nats).
#pragma once

#include <cstdint>

#include "runtime/kernels/buffer.h"
#include "runtime/kernels/matrix.h"

namespace troupe::kernels {

class Activations {
 public:
  // For products of this table's.
  explicit Activations(const Table& table = BestTable()) : table_(table) {}

  // Makes room for `rows` rows for `matrix` and others of its format, columns, block and middle; their values are then
  // to be set.
  void Shape(const Matrix& matrix, int64_t rows);
  // `x` [columns].
  void Set(int64_t row, const float* x) { SetPart(row, 0, columns_, x); }
  // `x` for `count` columns from `column` on, both multiples of the matrix's block (of 32 for kBf16), but for the last
  // columns' count.
  void SetPart(int64_t row, int64_t column, int64_t count, const float* x);
  // Where the row's values lie, if they are kept as they are: filling them saves the copy that Set makes. Else nullptr.
  float* values(int64_t row) { return block_ == 0 && !in_tiles_ ? values_.data() + row * columns_ : nullptr; }

  int64_t rows() const { return rows_; }
  const Table& table() const { return table_; }
  // Without scratch.
  InputView view() const;

 private:
  int64_t rows_ = 0, columns_ = 0, block_ = 0;
  int32_t middle_ = 0;
  int weight_bits_ = 8;
  bool in_tiles_ = false;
  const Table& table_;
  Buffer<float> values_;
  Buffer<uint16_t> tiles_;
  Buffer<int8_t> high_, low_;
  Buffer<float> scales_, sums_;
  Buffer<int32_t> starts_;
};

struct Output {
  float* values = nullptr;  // [rows, stride], of the matrix's rows from the first panel's on
  int64_t first_panel = 0;
  int64_t stride = 0;           // at least the matrix's rows
  const float* bias = nullptr;  // [matrix rows], added; or none
  bool add = false;             // to what is in `values`
};

// output[r] = matrix * input[r] for the matrix's panels [first, last): of panel p, the matrix's rows 16 p to 16 p + 15.
void Multiply(const Matrix& matrix, const Activations& input, int64_t first, int64_t last, const Output& output);

}  // namespace troupe::kernels
