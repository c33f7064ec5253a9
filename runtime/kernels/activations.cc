#include "runtime/kernels/activations.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace troupe::kernels {
namespace {

template <class T>
void GrowTo(std::vector<T>& buffer, int64_t size) {
  if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(static_cast<size_t>(size));
}

}  // namespace

void Activations::Shape(const Matrix& matrix, int64_t rows) {
  rows_ = rows;
  columns_ = matrix.columns();
  block_ = matrix.block();
  middle_ = matrix.middle();
  if (block_ == 0) return GrowTo(values_, rows * columns_);
  const int64_t blocks = rows * (columns_ / block_);
  GrowTo(codes_, rows * columns_);
  GrowTo(scales_, blocks);
  GrowTo(sums_, blocks);
  GrowTo(starts_, blocks);
}

void Activations::Set(int64_t row, const float* x) {
  if (block_ == 0) {
    std::copy(x, x + columns_, values_.data() + row * columns_);
    return;
  }
  const int64_t blocks = columns_ / block_;
  BestTable().quantize(x, columns_, block_, middle_, codes_.data() + row * columns_, scales_.data() + row * blocks,
                       sums_.data() + row * blocks, starts_.data() + row * blocks);
}

InputView Activations::view() const {
  return {values_.data(), codes_.data(), scales_.data(), sums_.data(), starts_.data(), rows_};
}

void Multiply(const Matrix& matrix, const Activations& input, int64_t first, int64_t last, const Output& output) {
  CHECK(first >= 0 && last <= matrix.panels());
  const OutputView out{output.values, output.stride, output.bias, output.add};
  const Table& table = BestTable();
  switch (matrix.format()) {
    case Format::kF32:
      return table.product_f32(matrix.view(), input.view(), first, last, out);
    case Format::kBf16:
      return table.product_bf16(matrix.view(), input.view(), first, last, out);
    case Format::kU8:
      return table.product_u8(matrix.view(), input.view(), first, last, out);
    case Format::kU4:
      return table.product_u4(matrix.view(), input.view(), first, last, out);
  }
}

}  // namespace troupe::kernels
