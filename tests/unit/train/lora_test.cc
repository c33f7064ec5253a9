#include "runtime/train/lora.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

TEST(Lora, EachMatrixBeginsWithASideOfItsOwnAsWideAsItsInputsAsk) {
  WholeDecoder decoder = TinyWriter();
  const std::vector<Parameter> one = Lora(decoder, {.rank = 8}, 5).Parameters();
  const std::vector<Parameter> again = Lora(decoder, {.rank = 8}, 5).Parameters();
  const std::vector<Parameter> other = Lora(decoder, {.rank = 8}, 6).Parameters();
  ASSERT_EQ(one.size(), 2u * 2u * 7u);
  for (size_t i = 0; i < one.size(); i += 2) {
    SCOPED_TRACE(one[i].name);
    const at::Tensor& a = one[i].value;
    const double spread = 1 / std::sqrt(static_cast<double>(a.size(1)));
    EXPECT_LE(a.abs().max().item<double>(), spread);
    EXPECT_GT(a.abs().max().item<double>(), 0.95 * spread);
    EXPECT_EQ(one[i + 1].value.abs().max().item<double>(), 0);
    // drawn by the seed, and not as another layer's
    EXPECT_TRUE(a.equal(again[i].value));
    EXPECT_FALSE(a.equal(other[i].value));
    EXPECT_FALSE(a.equal(one[(i + one.size() / 2) % one.size()].value));
  }
}

}  // namespace
}  // namespace troupe::train
