#include <gtest/gtest.h>

#include <cmath>

#include "runtime/model/dequantize.h"
#include "runtime/model/gguf.h"
#include "tests/support/places.h"

namespace troupe::model {
namespace {

// Bit for bit what the gguf package makes of the same blocks, up to the rounding of one multiplication and addition.
TEST(FormatsTest, EveryFormatEqualsTheGgufPackage) {
  const auto file = MappedFile::Open(SourcePath("tests/unit/model/golden/formats.gguf"));
  ASSERT_TRUE(file) << ToString(file.error());
  const auto gguf = Gguf::Open(*file);
  ASSERT_TRUE(gguf) << ToString(gguf.error());
  for (const std::string name :
       {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"}) {
    SCOPED_TRACE(name);
    const TensorView* blocks = gguf->Find("blocks." + name);
    const TensorView* expected = gguf->Find("expected." + name);
    ASSERT_TRUE(blocks != nullptr && expected != nullptr);
    ASSERT_EQ(FormatName(blocks->format), name);
    const auto ours = ToFloatTensor(*blocks);
    const auto theirs = ToFloatTensor(*expected);
    ASSERT_TRUE(ours && theirs);
    ASSERT_EQ(ours->sizes(), theirs->sizes());
    const auto* a = ours->const_data_ptr<float>();
    const auto* b = theirs->const_data_ptr<float>();
    for (int64_t i = 0; i < ours->numel(); ++i) ASSERT_NEAR(a[i], b[i], 1e-6 * (1 + std::abs(b[i]))) << i;
  }
}

TEST(FormatsTest, SizesThatDoNotFitAreRefused) {
  std::vector<std::byte> bytes(34);
  std::vector<float> values(64);
  EXPECT_FALSE(Dequantize(Format::kQ80, bytes, values));
  EXPECT_TRUE(Dequantize(Format::kQ80, bytes, std::span(values).first(32)));
  EXPECT_FALSE(Dequantize(Format::kQ80, std::span(bytes).first(33), std::span(values).first(32)));
  EXPECT_EQ(Dequantize(Format::kBool, bytes, std::span(values).first(34)).error().code, Code::kUnimplemented);
}

}  // namespace
}  // namespace troupe::model
