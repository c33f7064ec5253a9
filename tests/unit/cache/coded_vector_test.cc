#include "router/cache/coded_vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace troupe::cache {
namespace {

TEST(CodedVector, ComesBackNearlyAsItWas) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> vector(384);
  for (float& number : vector) number = normal(random);
  const std::vector<float> back = Decoded(Coded(vector));
  ASSERT_EQ(back.size(), vector.size());
  const double cosine = Product(vector, back) / std::sqrt(Product(vector, vector) * Product(back, back));
  EXPECT_GT(cosine, 0.9999);
}

TEST(CodedVector, WhatIsNoneComesBackEmpty) {
  EXPECT_TRUE(Decoded(std::vector<char>{}).empty());
  EXPECT_TRUE(Decoded(std::vector<char>{1, 2, 3, 4}).empty());
  std::vector<char> coded = Coded(std::vector<float>{1, 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(coded.data() + 2, &nan, sizeof nan);
  EXPECT_TRUE(Decoded(coded).empty());
}

}  // namespace
}  // namespace troupe::cache
