#include "runtime/kernels/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace troupe::kernels {
namespace {

TEST(Float16, EveryHalfComesBackFromItsFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = HalfToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(value)))) << bits;
    } else {
      ASSERT_EQ(FloatToHalf(value), half) << value;
    }
  }
}

TEST(Float16, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(HalfToFloat(FloatToHalf(1.0F + 0x1p-11F)), 1.0F);             // halfway: down to the even one
  EXPECT_EQ(HalfToFloat(FloatToHalf(1.0F + 3 * 0x1p-11F)), 1 + 0x1p-9F);  // halfway: up to the even one
  EXPECT_EQ(HalfToFloat(FloatToHalf(1.0F + 0x1.1p-11F)), 1 + 0x1p-10F);
  EXPECT_EQ(HalfToFloat(FloatToHalf(65504)), 65504);
  EXPECT_EQ(HalfToFloat(FloatToHalf(65519)), 65504);
  EXPECT_TRUE(std::isinf(HalfToFloat(FloatToHalf(65520))));
  EXPECT_EQ(HalfToFloat(FloatToHalf(0x1p-24F)), 0x1p-24F);  // the smallest there is
  EXPECT_EQ(HalfToFloat(FloatToHalf(0x1p-25F)), 0);         // halfway to it: to even
  EXPECT_EQ(HalfToFloat(FloatToHalf(-0x1.8p-25F)), -0x1p-24F);
}

TEST(Float16, Bfloat16RoundsToTheNearestAndKeepsNaN) {
  EXPECT_EQ(Bf16ToFloat(FloatToBf16(1.0F + 0x1p-8F)), 1.0F);
  EXPECT_EQ(Bf16ToFloat(FloatToBf16(1.0F + 3 * 0x1p-8F)), 1 + 0x1p-6F);
  EXPECT_EQ(Bf16ToFloat(FloatToBf16(-3.0F)), -3.0F);
  EXPECT_TRUE(std::isnan(Bf16ToFloat(FloatToBf16(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace
}  // namespace troupe::kernels
