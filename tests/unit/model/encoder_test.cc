#include "runtime/model/encoder.h"

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

using Batch = std::vector<std::vector<int32_t>>;

TEST(EncoderTest, ATextsVectorDoesNotDependOnItsNeighbours) {
  const Batch alone{{1, 5, 2}};
  const Batch together{{1, 9, 9, 8, 7, 6, 2}, {1, 5, 2}, std::vector<int32_t>(31, 4)};
  for (const auto& model : TinyBerts(0)) {
    for (const Pooling pooling : {Pooling::kMean, Pooling::kCls}) {
      const auto a = model->Embed(alone, pooling, Normalize::kNo);
      const auto b = model->Embed(together, pooling, Normalize::kNo);
      ASSERT_TRUE(a && b);
      ExpectNear(Row(*a, 0), Row(*b, 1));
    }
  }
}

TEST(EncoderTest, AllImplementationsGiveTheSameVectors) {
  Batch batch;
  for (int32_t size = 1; size <= 32; ++size) {
    batch.emplace_back();
    for (int32_t i = 0; i < size; ++i) batch.back().push_back((7 * i + size) % 50);
  }
  const auto models = TinyBerts(3);
  ASSERT_EQ(models.size(), 2u);
  for (const Pooling pooling : {Pooling::kMean, Pooling::kCls}) {
    for (const Normalize normalize : {Normalize::kNo, Normalize::kYes}) {
      const auto a = models[0]->Embed(batch, pooling, normalize);
      const auto b = models[1]->Embed(batch, pooling, normalize);
      ASSERT_TRUE(a && b);
      for (int64_t i = 0; i < 32; ++i) ExpectNear(Row(*a, i), Row(*b, i));
    }
  }
  const auto a = models[0]->Classify(batch), b = models[1]->Classify(batch);
  ASSERT_TRUE(a && b);
  for (int64_t i = 0; i < 32; ++i) ExpectNear(Row(*a, i), Row(*b, i));
}

TEST(EncoderTest, NormalizedVectorsHaveLengthOne) {
  for (const auto& model : TinyBerts(0)) {
    const auto rows = model->Embed(Batch{{1, 5, 2}, {1, 2}}, Pooling::kMean, Normalize::kYes);
    ASSERT_TRUE(rows);
    for (int64_t i = 0; i < 2; ++i) {
      double sum = 0;
      for (float value : Row(*rows, i)) sum += double{value} * value;
      EXPECT_NEAR(sum, 1, 1e-5);
    }
  }
}

TEST(EncoderTest, AHeadGivesAScoreForEachLabel) {
  for (const auto& model : TinyBerts(3)) {
    ASSERT_TRUE(model->has_head());
    const auto alone = model->Classify(Batch{{1, 5, 2}});
    const auto together = model->Classify(Batch{{1, 5, 2}, {1, 3, 4, 5, 6, 2}});
    ASSERT_TRUE(alone && together);
    EXPECT_EQ(alone->size(1), 3);
    ExpectNear(Row(*alone, 0), Row(*together, 0));
  }
}

TEST(EncoderTest, ItsSizeIsKnownBeforeItIsLoaded) {
  for (const int labels : {0, 3}) {
    const ModelConfig config = TinyBertConfig(labels);
    int64_t numbers = 0;
    for (const auto& [name, tensor] : TinyBertWeights(config)) numbers += tensor.numel();
    EXPECT_EQ(ParametersOf(config), numbers);
  }
}

TEST(EncoderTest, BadBatchesAreErrors) {
  for (const auto& model : TinyBerts(0)) {
    const auto code = [&](const Batch& texts) {
      const auto rows = model->Embed(texts, Pooling::kMean, Normalize::kYes);
      return rows ? Code::kOk : rows.error().code;
    };
    EXPECT_EQ(code({}), Code::kInvalidArgument);
    EXPECT_EQ(code({{}}), Code::kInvalidArgument);
    EXPECT_EQ(code({{1, 4000}}), Code::kInvalidArgument);
    EXPECT_EQ(code({{-1}}), Code::kInvalidArgument);
    EXPECT_EQ(code({std::vector<int32_t>(33, 1)}), Code::kOutOfRange);
    EXPECT_EQ(code({{1, 5, 2}}), Code::kOk);
    EXPECT_EQ(model->Classify(Batch{{1}}).error().code, Code::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace troupe::model
