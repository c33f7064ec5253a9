// Rows of activations in the form in which a packed matrix takes them, and the product itself. A buffer to be used
// again and again: it grows to the most rows it has held. Set and Multiply may run on several threads at once for
// different rows or panels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/kernels/matrix.h"

namespace troupe::kernels {

// How near codes come to the values that they stand for: 8 bits, or 8 more for what those leave over. The second eight
// cost another product with the same weights, which are read once for both.
enum class Detail : uint8_t { kCoarse, kFine };

class Activations {
 public:
  // Makes room for `rows` rows for `matrix` and others of its format, columns, block and middle; their values are then
  // to be set.
  void Shape(const Matrix& matrix, int64_t rows, Detail detail = Detail::kCoarse);
  // `x` [columns].
  void Set(int64_t row, const float* x);
  // For float formats, where the row's values lie: filling them saves the copy that Set makes. nullptr for grids.
  float* values(int64_t row) { return block_ == 0 ? values_.data() + row * columns_ : nullptr; }

  int64_t rows() const { return rows_; }
  InputView view() const;
  bool is_fine() const { return detail_ == Detail::kFine && block_ != 0; }
  // What the codes of view() leave over; where is_fine().
  InputView rest() const;

 private:
  int64_t rows_ = 0, columns_ = 0, block_ = 0;
  int32_t middle_ = 0;
  std::vector<float> values_;
  Detail detail_ = Detail::kCoarse;
  struct Codes {
    std::vector<int8_t> codes;
    std::vector<float> scales, sums;
    std::vector<int32_t> starts;
  };
  Codes codes_, rest_;
};

struct Output {
  float* values = nullptr;      // [rows, stride]
  int64_t stride = 0;           // at least the matrix's rows
  const float* bias = nullptr;  // [matrix rows], added; or none
  bool add = false;             // to what is in `values`
};

// output[r] = matrix * input[r] for the matrix's panels [first, last): of panel p, outputs 16 p to 16 p + 15.
void Multiply(const Matrix& matrix, const Activations& input, int64_t first, int64_t last, const Output& output);

}  // namespace troupe::kernels
