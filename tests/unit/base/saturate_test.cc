#include "runtime/base/saturate.h"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(SaturatedSum, StopsAtTheEnds) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(SaturatedSum(2, -5), -3);
  EXPECT_EQ(SaturatedSum(kMost, 1), kMost);
  EXPECT_EQ(SaturatedSum(4936, kMost), kMost);
  EXPECT_EQ(SaturatedSum(kLeast, -1), kLeast);
  EXPECT_EQ(SaturatedSum(kMost, kLeast), -1);
}

}  // namespace
}  // namespace troupe
