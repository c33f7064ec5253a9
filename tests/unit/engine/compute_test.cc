#include "runtime/engine/compute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::engine {
namespace {

TEST(Compute, EveryNameNamesItself) {
  for (const Compute compute :
       {Compute::kAuto, Compute::kFp32, Compute::kBf16, Compute::kInt8, Compute::kInt4, Compute::kStored}) {
    EXPECT_EQ(ComputeFromName(ComputeName(compute)), compute);
  }
  EXPECT_EQ(ComputeNames(), "auto, fp32, bf16, int8, int4, stored");
  EXPECT_EQ(ComputeFromName("f16"), std::nullopt);
}

TEST(Compute, IsReadFromAnAgentsConfiguration) {
  EXPECT_EQ(*ComputeIn(Value::object()), Compute::kAuto);
  EXPECT_EQ(*ComputeIn({{"compute", "int8"}}), Compute::kInt8);
  for (const Value& wrong : {Value("fast"), Value(8), Value(nullptr)}) {
    const auto compute = ComputeIn({{"compute", wrong}});
    ASSERT_FALSE(compute);
    EXPECT_EQ(compute.error().code, Code::kInvalidArgument);
    EXPECT_THAT(compute.error().message, ::testing::HasSubstr("auto, fp32, bf16"));
  }
}

TEST(Compute, NamesAFormatUnlessItIsAuto) {
  EXPECT_EQ(FormatOf(Compute::kAuto), std::nullopt);
  EXPECT_EQ(FormatOf(Compute::kInt4), model::WeightFormat::kInt4);
}

}  // namespace
}  // namespace troupe::engine
