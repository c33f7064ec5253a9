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
  in_tiles_ = matrix.format() == Format::kBf16 && table_.to_bf16 != nullptr;
  if (in_tiles_) return tiles_.GrowTo(RoundUp(rows, kRowsAtOnce) * RoundUp(columns_, kBf16Step));
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
    table_.quantize(x, count, block_, ShiftOf(weight_bits_), middle_, high_.data() + at, low_.data() + at,
                    scales_.data() + block_at, sums_.data() + block_at, starts_.data() + block_at);
    return;
  }
  if (in_tiles_) {
    const int64_t tile = row / kRowsAtOnce * RoundUp(columns_, kBf16Step) * kRowsAtOnce + column * kRowsAtOnce;
    return table_.to_bf16(x, count, tiles_.data() + tile + row % kRowsAtOnce * kBf16Step);
  }
  std::copy(x, x + count, values_.data() + row * columns_ + column);
}

InputView Activations::view() const {
  return {values_.data(), high_.data(), low_.data(),   scales_.data(), sums_.data(),
          starts_.data(), rows_,        tiles_.data(), nullptr};
}

void Multiply(const Matrix& matrix, const Activations& input, int64_t first, int64_t last, const Output& output) {
  CHECK(first >= 0 && last <= matrix.panels());
  const OutputView out{output.values, output.first_panel, output.stride, output.bias, output.add};
  InputView in = input.view();
  const Table& table = input.table();
  thread_local Buffer<uint8_t> scratch;
  scratch.GrowTo(ScratchBytes(input.rows()));
  in.scratch = scratch.data();
  const auto product = [&] {
    switch (matrix.format()) {
      case Format::kF32:
        return table.product_f32;
      case Format::kBf16:
        return table.product_bf16;
      case Format::kU8:
        return table.product_u8;
      case Format::kU4:
        break;
    }
    return table.product_u4;
  }();
  product(matrix.view(), in, first, last, out);
}

}  // namespace troupe::kernels
