#include "runtime/kernels/activations.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/kernels/pack.h"

namespace troupe::kernels {
void Activations::Shape(const Matrix& matrix, int64_t rows) {
  rows_ = rows;
  columns_ = matrix.columns();
  block_ = matrix.block();
  middle_ = matrix.middle();
  weight_bits_ = matrix.format() == Format::kU4 ? 4 : 8;
  is_split_ = matrix.format() == Format::kBf16 && BestTable().split != nullptr;
  if (is_split_) {
    high16_.GrowTo(RoundUp(rows, kRowsAtOnce) * RoundUp(columns_, kBf16Step));
    low16_.GrowTo(RoundUp(rows, kRowsAtOnce) * RoundUp(columns_, kBf16Step));
  }
  if (block_ == 0) return values_.GrowTo(rows * columns_);
  const int64_t blocks = rows * (columns_ / block_);
  high_.GrowTo(RoundUp(rows, kRowsAtOnce) * columns_);
  low_.GrowTo(RoundUp(rows, kRowsAtOnce) * columns_);
  scales_.GrowTo(blocks);
  sums_.GrowTo(blocks);
  starts_.GrowTo(blocks);
}

void Activations::SetPart(int64_t row, int64_t column, int64_t count, const float* x) {
  if (block_ != 0) {
    const int64_t at = row * columns_ + column, block_at = at / block_;
    BestTable().quantize(x, count, block_, ShiftOf(weight_bits_), middle_, high_.data() + at, low_.data() + at,
                         scales_.data() + block_at, sums_.data() + block_at, starts_.data() + block_at);
    return;
  }
  std::copy(x, x + count, values_.data() + row * columns_ + column);
  if (!is_split_) return;
  const int64_t width = RoundUp(columns_, kBf16Step), end = column + count;
  uint16_t* high = high16_.data() + row * width;
  uint16_t* low = low16_.data() + row * width;
  BestTable().split(x, count, high + column, low + column);
  if (end < columns_) return;
  std::fill(high + end, high + width, uint16_t{0});
  std::fill(low + end, low + width, uint16_t{0});
}

InputView Activations::view() const {
  return {values_.data(), high_.data(), low_.data(),    scales_.data(), sums_.data(),
          starts_.data(), rows_,        high16_.data(), low16_.data(),  nullptr};
}

void Multiply(const Matrix& matrix, const Activations& input, int64_t first, int64_t last, const Output& output) {
  CHECK(first >= 0 && last <= matrix.panels());
  const OutputView out{output.values, output.first_panel, output.stride, output.bias, output.add};
  InputView in = input.view();
  const Table& table = BestTable();
  switch (matrix.format()) {
    case Format::kF32:
      return table.product_f32(matrix.view(), in, first, last, out);
    case Format::kBf16:
      return table.product_bf16(matrix.view(), in, first, last, out);
    case Format::kU8:
    case Format::kU4:
      break;
  }
  thread_local Buffer<uint8_t> scratch;
  scratch.GrowTo(ScratchBytes(input.rows()));
  in.scratch = scratch.data();
  (matrix.format() == Format::kU8 ? table.product_u8 : table.product_u4)(matrix.view(), in, first, last, out);
}

}  // namespace troupe::kernels
