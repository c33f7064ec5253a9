#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "runtime/kernels/activations.h"
#include "runtime/kernels/float16.h"
#include "runtime/kernels/matrix.h"
#include "tests/unit/kernels/random_values.h"
#include "tests/unit/kernels/tables.h"

namespace troupe::kernels {
namespace {

struct Case {
  Format format;
  int64_t rows, columns, group;
  bool symmetric;

  // In the test's name.
  friend void PrintTo(const Case& c, std::ostream* out) {
    constexpr std::array kNames{"f32", "bf16", "u8", "u4"};
    *out << kNames[static_cast<size_t>(c.format)] << "_" << c.rows << "x" << c.columns << "_by_" << c.group
         << (c.symmetric ? "" : "_shifted");
  }
};

Grid RandomGrid(const Case& c, uint32_t seed) {
  Grid grid =
      RoundToGrid(RandomValues(c.rows * c.columns, seed), c.rows, c.columns, c.format == Format::kU4 ? 4 : 8, c.group);
  if (!c.symmetric) {
    for (size_t i = 0; i < grid.scales.size(); ++i) {
      grid.offsets.push_back(FloatToHalf(-0.9F + 0.01F * static_cast<float>(i % 13)));
    }
  }
  return grid;
}

Matrix Pack(const Case& c, uint32_t seed) {
  if (c.format == Format::kF32 || c.format == Format::kBf16) {
    return Matrix::FromFloats(RandomValues(c.rows * c.columns, seed), c.rows, c.columns, c.format);
  }
  auto matrix = Matrix::FromGrid(RandomGrid(c, seed));
  EXPECT_TRUE(matrix) << matrix.error().message;
  return std::move(*matrix);
}

// In two goes, as two threads would.
void MultiplyInTwo(const Matrix& matrix, const Activations& input, const Output& output) {
  const int64_t half = matrix.panels() / 2;
  Output second = output;
  second.values += half * kLanes;
  second.first_panel = half;
  Multiply(matrix, input, 0, half, output);
  Multiply(matrix, input, half, matrix.panels(), second);
}

// What the activations are after they have been brought into the matrix's form.
std::vector<double> Seen(const Matrix& matrix, const Activations& input, int64_t row, const float* x) {
  std::vector<double> seen(x, x + matrix.columns());
  if (matrix.format() == Format::kBf16 && input.table().to_bf16 != nullptr) {
    for (double& value : seen) value = Bf16ToFloat(FloatToBf16(static_cast<float>(value)));
  }
  if (matrix.block() == 0) return seen;
  const InputView view = input.view();
  for (int64_t k = 0; k < matrix.columns(); ++k) {
    const int64_t at = row * matrix.columns() + k;
    seen[k] = (view.high[at] * (matrix.format() == Format::kU4 ? 16.0 : 256.0) + view.low[at]) *
              view.scales[at / matrix.block()];
  }
  return seen;
}

class Product : public ::testing::TestWithParam<Case> {};

TEST_P(Product, IsTheSumOfProducts) {
  const Case& c = GetParam();
  const Matrix matrix = Pack(c, 11);
  std::vector<float> weights(c.columns);
  for (const Table* table : Tables()) {
    for (const int64_t rows : {1, 3, 8, 9, 53}) {
      // given rows, a bias and something to add to
      const std::vector<float> x = RandomValues(rows * c.columns, 12);
      const std::vector<float> bias = RandomValues(c.rows, 13);
      std::vector<float> out(rows * (c.rows + 3), 0.5F);
      Activations input(*table);
      input.Shape(matrix, rows);
      for (int64_t row = 0; row < rows; ++row) input.Set(row, x.data() + row * c.columns);
      // when multiplied
      MultiplyInTwo(matrix, input, {out.data(), 0, c.rows + 3, bias.data(), true});
      // then
      for (int64_t row = 0; row < rows; ++row) {
        const std::vector<double> seen = Seen(matrix, input, row, x.data() + row * c.columns);
        for (int64_t r = 0; r < c.rows; ++r) {
          matrix.Row(r, weights);
          double sum = 0.5 + bias[r], size = 1;
          for (int64_t k = 0; k < c.columns; ++k) {
            sum += weights[k] * seen[k];
            size += std::abs(weights[k] * seen[k]);
          }
          ASSERT_NEAR(out[row * (c.rows + 3) + r], sum, 2e-6 * size) << rows << " rows, " << row << ", " << r;
        }
        for (int64_t r = c.rows; r < c.rows + 3; ++r) ASSERT_EQ(out[row * (c.rows + 3) + r], 0.5F);
      }
    }
  }
}

TEST_P(Product, OfARowDoesNotDependOnItsNeighbours) {
  const Case& c = GetParam();
  const Matrix matrix = Pack(c, 21);
  for (const Table* table : Tables()) {
    const std::vector<float> x = RandomValues(17 * c.columns, 22);
    std::vector<float> together(17 * c.rows), alone(c.rows);
    Activations input(*table);
    input.Shape(matrix, 17);
    for (int64_t row = 0; row < 17; ++row) input.Set(row, x.data() + row * c.columns);
    MultiplyInTwo(matrix, input, {together.data(), 0, c.rows, nullptr, false});
    for (int64_t row = 0; row < 17; ++row) {
      input.Shape(matrix, 1);
      input.Set(0, x.data() + row * c.columns);
      MultiplyInTwo(matrix, input, {alone.data(), 0, c.rows, nullptr, false});
      for (int64_t r = 0; r < c.rows; ++r) ASSERT_EQ(alone[r], together[row * c.rows + r]) << row << ", " << r;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Product,
                         ::testing::Values(Case{Format::kF32, 35, 24, 0, true}, Case{Format::kF32, 16, 7, 0, true},
                                           Case{Format::kBf16, 35, 24, 0, true}, Case{Format::kBf16, 48, 9, 0, true},
                                           Case{Format::kBf16, 48, 1100, 0, true}, Case{Format::kU8, 35, 96, 32, true},
                                           Case{Format::kU8, 32, 192, 192, true}, Case{Format::kU8, 20, 64, 64, false},
                                           Case{Format::kU4, 35, 96, 32, true}, Case{Format::kU4, 33, 96, 32, false},
                                           Case{Format::kU4, 64, 256, 64, true}, Case{Format::kU4, 16, 24, 8, true},
                                           Case{Format::kU4, 16, 384, 384, false}, Case{Format::kU8, 72, 288, 96, true},
                                           Case{Format::kU8, 40, 256, 256, false}));

#ifdef TROUPE_AVX512
// So that a prompt gives the same keys whatever else was in its batch.
TEST_P(Product, OnAGridIsTheSameToTheBitWithTilesAndWithout) {
  const Case& c = GetParam();
  if (BestIsa() < Isa::kAmx) GTEST_SKIP() << "this CPU has no AMX";
  const Matrix matrix = Pack(c, 41);
  if (matrix.block() == 0) return;
  for (const int64_t rows : {4, 15, 16, 17, 70}) {
    const std::vector<float> x = RandomValues(rows * c.columns, 42);
    const auto product = [&](const Table& table) {
      Activations input(table);
      input.Shape(matrix, rows);
      for (int64_t row = 0; row < rows; ++row) input.Set(row, x.data() + row * c.columns);
      std::vector<float> out(rows * c.rows);
      MultiplyInTwo(matrix, input, {out.data(), 0, c.rows, nullptr, false});
      return out;
    };
    const std::vector<float> with = product(kAmxTable), without = product(kAvx512Table);
    ASSERT_EQ(with, without) << rows;
  }
}
#endif

TEST(Product, OnAGridIsNearlyExact) {
  for (const Case& c : {Case{Format::kU4, 35, 192, 32, false}, Case{Format::kU8, 35, 192, 64, true}}) {
    const Matrix matrix = Pack(c, 31);
    std::vector<float> x = RandomValues(3 * c.columns, 32), out(3 * c.rows, 1.0F), weights(c.columns);
    for (int64_t i = 0; i < 3 * c.columns; i += 29) x[i] *= 40;  // 8 bits would be off by 1 then
    Activations input;
    input.Shape(matrix, 3);
    for (int64_t row = 0; row < 3; ++row) input.Set(row, x.data() + row * c.columns);
    kernels::Multiply(matrix, input, 0, matrix.panels(), {out.data(), 0, c.rows, nullptr, true});
    for (int64_t row = 0; row < 3; ++row) {
      for (int64_t r = 0; r < c.rows; ++r) {
        matrix.Row(r, weights);
        double sum = 1;
        for (int64_t k = 0; k < c.columns; ++k) sum += weights[k] * x[row * c.columns + k];
        ASSERT_NEAR(out[row * c.rows + r], sum, c.format == Format::kU4 ? 0.15 : 0.01) << row << ", " << r;
      }
    }
  }
}

TEST(Matrix, KeepsAGridsValues) {
  for (const Case& c : {Case{Format::kU4, 19, 96, 32, false}, Case{Format::kU8, 19, 96, 96, true}}) {
    const Grid grid = RandomGrid(c, 3);
    const std::vector<float> values = Values(grid);
    const Matrix matrix = Pack(c, 3);
    std::vector<float> row(c.columns);
    for (int64_t r = 0; r < c.rows; ++r) {
      matrix.Row(r, row);
      EXPECT_EQ(row, std::vector<float>(values.begin() + r * c.columns, values.begin() + (r + 1) * c.columns));
    }
  }
}

TEST(Matrix, RefusesGroupsThatNoKernelTakes) {
  const Grid grid = RoundToGrid(RandomValues(36, 1), 1, 36, 4, 12);
  const auto matrix = Matrix::FromGrid(grid);
  ASSERT_FALSE(matrix);
  EXPECT_EQ(matrix.error().code, Code::kUnimplemented);
}

TEST(Product, OfANaNOrAnInfinityIsNoNumber) {
  const Matrix matrix = Pack({Format::kU4, 16, 64, 32, true}, 5);
  for (const Table* table : Tables()) {
    for (const float wrong : {NAN, INFINITY, -INFINITY}) {
      std::vector<float> x = RandomValues(64, 6), out(16);
      x[40] = wrong;
      std::vector<int8_t> high(64), low(64);
      std::vector<float> scales(2), sums(2);
      std::vector<int32_t> starts(2);
      table->quantize(x.data(), 64, 32, 4, 8, high.data(), low.data(), scales.data(), sums.data(), starts.data());
      table->product_u4(
          matrix.view(),
          {nullptr, high.data(), low.data(), scales.data(), sums.data(), starts.data(), 1, nullptr, nullptr}, 0, 1,
          {out.data(), 0, 16, nullptr, false});
      for (const float value : out) EXPECT_TRUE(std::isnan(value));
    }
  }
}

}  // namespace
}  // namespace troupe::kernels
