#include "runtime/model/bert.h"

#include <gtest/gtest.h>

#include "runtime/model/size.h"
#include "tests/unit/model/tiny_bert.h"

namespace troupe::model {
namespace {

std::vector<float> Row(const at::Tensor& rows, int64_t i) {
  const auto* begin = rows.const_data_ptr<float>() + i * rows.size(1);
  return {begin, begin + rows.size(1)};
}

void ExpectNear(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
}

using Texts = std::vector<std::vector<int32_t>>;

TEST(BertTest, PaddingDoesNotChangeATextsVector) {
  const auto model = TinyBert(0);
  const Texts alone{{1, 5, 2}};
  const Texts padded{{1, 9, 9, 8, 7, 6, 2}, {1, 5, 2}};
  for (const Pooling pooling : {Pooling::kMean, Pooling::kCls}) {
    const auto a = model->Embed(alone, pooling, Normalize::kNo);
    const auto b = model->Embed(padded, pooling, Normalize::kNo);
    ASSERT_TRUE(a && b);
    ExpectNear(Row(*a, 0), Row(*b, 1));
  }
}

TEST(BertTest, NormalizedVectorsHaveLengthOne) {
  const auto model = TinyBert(0);
  const auto rows = model->Embed(Texts{{1, 5, 2}, {1, 2}}, Pooling::kMean, Normalize::kYes);
  ASSERT_TRUE(rows);
  for (int64_t i = 0; i < 2; ++i) {
    double sum = 0;
    for (float value : Row(*rows, i)) sum += double{value} * value;
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

TEST(BertTest, AHeadGivesAScoreForEachLabelAndPaddingDoesNotMatter) {
  const auto model = TinyBert(3);
  ASSERT_TRUE(model->has_head());
  const auto alone = model->Classify(Texts{{1, 5, 2}});
  const auto padded = model->Classify(Texts{{1, 5, 2}, {1, 3, 4, 5, 6, 2}});
  ASSERT_TRUE(alone && padded);
  EXPECT_EQ(alone->size(1), 3);
  ExpectNear(Row(*alone, 0), Row(*padded, 0));
}

TEST(BertTest, ItsSizeIsKnownBeforeItIsLoaded) {
  for (const int labels : {0, 3}) EXPECT_EQ(ParametersOf(TinyBertConfig(labels)), TinyBert(labels)->parameters());
}

TEST(BertTest, BadBatchesAreErrors) {
  const auto model = TinyBert(0);
  const auto code = [&](const Texts& texts) {
    const auto rows = model->Embed(texts, Pooling::kMean, Normalize::kYes);
    return rows ? Code::kOk : rows.error().code;
  };
  EXPECT_EQ(code({}), Code::kInvalidArgument);
  EXPECT_EQ(code({{}}), Code::kInvalidArgument);
  EXPECT_EQ(code({{1, 4000}}), Code::kInvalidArgument);
  EXPECT_EQ(code({{-1}}), Code::kInvalidArgument);
  EXPECT_EQ(code({std::vector<int32_t>(33, 1)}), Code::kOutOfRange);
  EXPECT_EQ(model->Classify(Texts{{1}}).error().code, Code::kFailedPrecondition);
}

}  // namespace
}  // namespace troupe::model
