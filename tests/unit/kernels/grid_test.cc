#include "runtime/kernels/grid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/kernels/float16.h"
#include "tests/unit/kernels/random_values.h"

namespace troupe::kernels {
namespace {

TEST(Grid, RoundingIsOffByHalfAStepAtMost) {
  for (const int bits : {4, 8}) {
    const std::vector<float> values = RandomValues(4 * 64, 7);
    const Grid grid = RoundToGrid(values, 4, 64, bits, 32);
    ASSERT_TRUE(CheckGrid(grid));
    const std::vector<float> rounded = Values(grid);
    for (size_t i = 0; i < values.size(); ++i) {
      const float step = std::abs(HalfToFloat(grid.scales[i / 32]));
      // The largest value's opposite is one step beyond the codes.
      EXPECT_LE(std::abs(rounded[i] - values[i]), step * (std::abs(values[i]) > 0.85F ? 1.05F : 0.51F)) << i;
    }
  }
}

TEST(Grid, ZerosStayZeros) {
  const std::vector<float> zeros(64, 0.0F);
  EXPECT_EQ(Values(RoundToGrid(zeros, 1, 64, 4, 64)), zeros);
}

TEST(Grid, SaysWhatIsWrong) {
  const std::vector<float> values = RandomValues(64, 1);
  const Grid good = RoundToGrid(values, 1, 64, 4, 32);
  const auto refused = [&](auto change) {
    Grid grid = good;
    change(grid);
    const Status status = CheckGrid(grid);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(refused([](Grid& grid) { grid.bits = 3; }), "a grid of 3 bits: there are 4 and 8");
  EXPECT_NE(refused([](Grid& grid) { grid.group = 48; }), "");
  EXPECT_NE(refused([](Grid& grid) { grid.codes.pop_back(); }), "");
  EXPECT_NE(refused([](Grid& grid) { grid.codes[5] = 16; }), "");
  EXPECT_NE(refused([](Grid& grid) { grid.scales[1] = 0x7c00; }), "");
  EXPECT_NE(refused([](Grid& grid) { grid.offsets = {0x7e00, 0}; }), "");
}

}  // namespace
}  // namespace troupe::kernels
