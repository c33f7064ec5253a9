#include "runtime/kernels/rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/kernels/random_values.h"
#include "tests/unit/kernels/tables.h"

namespace troupe::kernels {
namespace {

TEST(Rows, RmsNorm) {
  for (const Table* table : Tables()) {
    for (const int64_t n : {16, 37, 576}) {
      const std::vector<float> x = RandomValues(n, 1), weight = RandomValues(n, 2);
      std::vector<float> out(n);
      double squares = 0;
      for (float value : x) squares += static_cast<double>(value) * value;
      table->rms_norm(x.data(), weight.data(), n, 1e-5F, out.data());
      const double factor = 1 / std::sqrt(squares / static_cast<double>(n) + 1e-5);
      for (int64_t i = 0; i < n; ++i) ASSERT_NEAR(out[i], x[i] * factor * weight[i], 1e-5);
    }
  }
}

TEST(Rows, RotateTurnsPairsAndLeavesTheRest) {
  for (const Table* table : Tables()) {
    const std::vector<float> before = RandomValues(2 * 48, 3), angles = RandomValues(20, 4);
    std::vector<float> x = before, cosines, sines;
    for (float angle : angles) {
      cosines.push_back(std::cos(angle));
      sines.push_back(std::sin(angle));
    }
    table->rotate(x.data(), 2, 48, 20, cosines.data(), sines.data());
    for (int64_t head = 0; head < 2; ++head) {
      for (int64_t i = 0; i < 20; ++i) {
        const float first = before[head * 48 + i], second = before[head * 48 + 20 + i];
        ASSERT_NEAR(x[head * 48 + i], first * cosines[i] - second * sines[i], 1e-6);
        ASSERT_NEAR(x[head * 48 + 20 + i], second * cosines[i] + first * sines[i], 1e-6);
      }
      for (int64_t i = 40; i < 48; ++i) ASSERT_EQ(x[head * 48 + i], before[head * 48 + i]);
    }
  }
}

TEST(Rows, Gates) {
  const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
  const auto gelu = [](double x) { return x * (1 + std::erf(x / std::sqrt(2.0))) / 2; };
  const auto gelu_tanh = [](double x) {
    return x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979) * (x + 0.044715 * x * x * x))) / 2;
  };
  std::vector<float> x = RandomValues(151, 5), up = RandomValues(151, 6), out(151);
  for (int64_t i = 0; i < 51; ++i) x[i] *= i % 2 == 0 ? 30 : 4;
  x[3] = -200;
  x[4] = 200;
  const auto expect = [&](const float* factor, auto exact) {
    for (int64_t i = 0; i < 151; ++i) {
      const double expected = exact(x[i]) * (factor == nullptr ? 1 : factor[i]);
      ASSERT_NEAR(out[i], expected, 4e-7 + 2e-6 * std::abs(expected)) << x[i];
    }
  };
  for (const Table* table : Tables()) {
    for (const float* factor : {static_cast<const float*>(nullptr), static_cast<const float*>(up.data())}) {
      table->silu(x.data(), factor, 151, out.data());
      expect(factor, silu);
      table->gelu(x.data(), factor, 151, out.data());
      expect(factor, gelu);
      table->gelu_tanh(x.data(), factor, 151, out.data());
      expect(factor, gelu_tanh);
    }
  }
}

TEST(Rows, LayerNorm) {
  for (const Table* table : Tables()) {
    for (const int64_t n : {16, 37, 384}) {
      std::vector<float> x = RandomValues(n, 1), weight = RandomValues(n, 2), bias = RandomValues(n, 3), out(n);
      for (float& value : x) value += 3;
      double mean = 0, variance = 0;
      for (float value : x) mean += value / static_cast<double>(n);
      for (float value : x) variance += (value - mean) * (value - mean) / static_cast<double>(n);
      table->layer_norm(x.data(), weight.data(), bias.data(), n, 1e-12F, out.data());
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_NEAR(out[i], (x[i] - mean) / std::sqrt(variance) * weight[i] + bias[i], 1e-5);
      }
    }
  }
}

TEST(Rows, AGateOfNaNIsOne) {
  for (const Table* table : Tables()) {
    const float gate = NAN, up = 1;
    for (const GateFunction function : {table->silu, table->gelu, table->gelu_tanh}) {
      float out = 0;
      function(&gate, &up, 1, &out);
      EXPECT_TRUE(std::isnan(out));
    }
  }
}

TEST(Rows, QuantizeRoundsToTheNearest) {
  for (const Table* table : Tables()) {
    for (const int shift : {4, 8}) {
      const std::vector<float> x = RandomValues(96, 7);
      std::vector<int8_t> high(96), low(96);
      std::vector<float> scales(4), sums(4);
      std::vector<int32_t> starts(4);
      table->quantize(x.data(), 96, 24, shift, 8, high.data(), low.data(), scales.data(), sums.data(), starts.data());
      for (int64_t block = 0; block < 4; ++block) {
        int32_t sum = 0;
        int most = 0;
        for (int64_t i = block * 24; i < block * 24 + 24; ++i) {
          const int code = high[i] * (1 << shift) + low[i];
          ASSERT_LE(std::abs(static_cast<double>(code) * scales[block] - x[i]), 0.51 * scales[block]);
          sum += code;
          most = std::max(most, std::abs(code));
        }
        EXPECT_EQ(most, kLargestHigh << shift);
        EXPECT_EQ(starts[block], -8 * sum);
        EXPECT_FLOAT_EQ(sums[block], scales[block] * static_cast<float>(sum));
      }
    }
  }
}

TEST(Rows, SoftCapKeepsBelowTheCap) {
  std::vector<float> values{-1000, 0.1F, 1000};
  SoftCap(values.data(), 3, 30);
  EXPECT_NEAR(values[0], -30, 1e-4);
  EXPECT_NEAR(values[1], 0.1, 1e-4);
  EXPECT_NEAR(values[2], 30, 1e-4);
}

TEST(Rows, TheHighestIsTheFirstOfEquals) {
  for (const Table* table : Tables()) {
    for (const int64_t n : {1, 15, 16, 17, 500}) {
      std::vector<float> x = RandomValues(n, 8);
      float highest = 0;
      for (int64_t at = 0; at < n; at += 7) {
        std::vector<float> with = x;
        with[at] = 2;
        with[n - 1] = 2;
        ASSERT_EQ(table->find_highest(with.data(), n, &highest), at) << n;
        ASSERT_EQ(highest, 2);
        with[n / 2] = NAN;
        ASSERT_EQ(table->find_highest(with.data(), n, &highest), -1) << n;
      }
    }
    const std::vector<float> never(20, -INFINITY);
    float highest = 0;
    table->find_highest(never.data(), 20, &highest);
    EXPECT_EQ(highest, -INFINITY);
  }
}

TEST(Rows, KeepsWhatIsAllowed) {
  for (const Table* table : Tables()) {
    const std::vector<uint32_t> words{0x80000001, 0x0000ff00};
    std::vector<float> x = RandomValues(75, 9);
    const std::vector<float> before = x;
    table->keep_allowed(x.data(), 75, words.data(), 2);
    for (int64_t i = 0; i < 75; ++i) {
      const bool allowed = i == 0 || i == 31 || (i >= 40 && i < 48);
      ASSERT_EQ(x[i], allowed ? before[i] : -INFINITY) << i;
    }
  }
}

}  // namespace
}  // namespace troupe::kernels
