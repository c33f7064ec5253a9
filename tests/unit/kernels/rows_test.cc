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

TEST(Rows, SiluGate) {
  for (const Table* table : Tables()) {
    std::vector<float> gate = RandomValues(51, 5), up = RandomValues(51, 6), out(51);
    for (float& value : gate) value *= 30;
    gate[3] = -200;
    gate[4] = 200;
    table->silu_gate(gate.data(), up.data(), 51, out.data());
    for (int64_t i = 0; i < 51; ++i) {
      const double expected = gate[i] / (1 + std::exp(-static_cast<double>(gate[i]))) * up[i];
      ASSERT_NEAR(out[i], expected, 2e-6 * (1 + std::abs(expected))) << gate[i];
    }
  }
}

TEST(Rows, AGateOfNaNIsOne) {
  for (const Table* table : Tables()) {
    const float gate = NAN, up = 1;
    float out = 0;
    table->silu_gate(&gate, &up, 1, &out);
    EXPECT_TRUE(std::isnan(out));
  }
}

TEST(Rows, QuantizeRoundsToTheNearest) {
  for (const Table* table : Tables()) {
    const std::vector<float> x = RandomValues(96, 7);
    std::vector<int8_t> codes(96);
    std::vector<float> scales(4), sums(4);
    std::vector<int32_t> starts(4);
    table->quantize(x.data(), 96, 24, 8, codes.data(), scales.data(), sums.data(), starts.data());
    for (int64_t block = 0; block < 4; ++block) {
      int32_t sum = 0;
      int most = 0;
      for (int64_t i = block * 24; i < block * 24 + 24; ++i) {
        ASSERT_LE(std::abs(codes[i] * scales[block] - x[i]), 0.501F * scales[block]);
        sum += codes[i];
        most = std::max(most, std::abs(static_cast<int>(codes[i])));
      }
      EXPECT_EQ(most, 127);
      EXPECT_EQ(starts[block], -8 * sum);
      EXPECT_FLOAT_EQ(sums[block], scales[block] * static_cast<float>(sum));
    }
  }
}

TEST(Rows, GatesOfTheGeluKind) {
  const std::vector<float> x{-3, -0.5F, 0, 0.5F, 3}, up(5, 2.0F);
  std::vector<float> out(5);
  ApplyGate(Gate::kGelu, x.data(), up.data(), 5, out.data());
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(out[i], x[i] * (1 + std::erf(x[i] / std::sqrt(2.0))), 1e-6);
  ApplyGate(Gate::kGeluTanh, x.data(), up.data(), 5, out.data());
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(out[i], x[i] * (1 + std::erf(x[i] / std::sqrt(2.0))), 1e-3);
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
