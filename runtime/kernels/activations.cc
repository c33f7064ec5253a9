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

void Activations::Shape(const Matrix& matrix, int64_t rows, Detail detail) {
  rows_ = rows;
  columns_ = matrix.columns();
  block_ = matrix.block();
  middle_ = matrix.middle();
  detail_ = detail;
  if (block_ == 0) return GrowTo(values_, rows * columns_);
  const int64_t blocks = rows * (columns_ / block_);
  for (Codes* codes : {&codes_, &rest_}) {
    GrowTo(codes->codes, rows * columns_);
    GrowTo(codes->scales, blocks);
    GrowTo(codes->sums, blocks);
    GrowTo(codes->starts, blocks);
    if (detail == Detail::kCoarse) break;
  }
}

void Activations::Set(int64_t row, const float* x) {
  if (block_ == 0) {
    std::copy(x, x + columns_, values_.data() + row * columns_);
    return;
  }
  const int64_t blocks = columns_ / block_;
  const auto quantize = [&](const float* values, Codes& to) {
    BestTable().quantize(values, columns_, block_, middle_, to.codes.data() + row * columns_,
                         to.scales.data() + row * blocks, to.sums.data() + row * blocks,
                         to.starts.data() + row * blocks);
  };
  quantize(x, codes_);
  if (detail_ == Detail::kCoarse) return;
  thread_local std::vector<float> left;
  GrowTo(left, columns_);
  for (int64_t k = 0; k < columns_; ++k) {
    left[k] = x[k] - static_cast<float>(codes_.codes[row * columns_ + k]) * codes_.scales[row * blocks + k / block_];
  }
  quantize(left.data(), rest_);
}

InputView Activations::view() const {
  return {values_.data(), codes_.codes.data(), codes_.scales.data(), codes_.sums.data(), codes_.starts.data(), rows_};
}

InputView Activations::rest() const {
  return {nullptr, rest_.codes.data(), rest_.scales.data(), rest_.sums.data(), rest_.starts.data(), rows_};
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
    case Format::kU4:
      break;
  }
  const ProductFunction product = matrix.format() == Format::kU8 ? table.product_u8 : table.product_u4;
  if (!input.is_fine()) return product(matrix.view(), input.view(), first, last, out);
  // Panel by panel, so that the second product finds the weights in the cache.
  for (int64_t panel = first; panel < last; ++panel) {
    product(matrix.view(), input.view(), panel, panel + 1, out);
    product(matrix.view(), input.rest(), panel, panel + 1, {out.values, out.stride, nullptr, true});
  }
}

}  // namespace troupe::kernels
