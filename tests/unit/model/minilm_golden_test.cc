// MiniLM against sentence-transformers (golden/make_minilm.py).
#include <ATen/Parallel.h>
#include <c10/util/Half.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "runtime/model/aten_encoder.h"
#include "runtime/model/cpu_encoder.h"
#include "runtime/model/model_files.h"
#include "tests/unit/model/base64.h"
#include "tests/unit/model/golden.h"
#include "tests/unit/model/models.h"

namespace troupe::model {
namespace {

TEST(MiniLmGoldenTest, FiftySentencesInManyLanguagesEqualSentenceTransformers) {
  SKIP_WITHOUT(MiniLm());
  at::set_num_threads(1);  // other tests run beside this one
  const auto files = LoadFolderOrGguf(MiniLm());
  ASSERT_TRUE(files) << ToString(files.error());
  EXPECT_EQ(files->pooling, Pooling::kMean);
  EXPECT_EQ(files->normalize, Normalize::kYes);
  EXPECT_EQ(files->max_tokens, 256);
  const Value golden = Golden("minilm.json");
  const auto width = golden["width"].get<size_t>();
  const auto expected = Unpack<c10::Half>(golden["vectors"].get<std::string>());
  ASSERT_EQ(golden["sentences"].size(), 50u);
  ASSERT_EQ(expected.size(), 50 * width);
  std::vector<std::vector<int32_t>> batch;
  for (const Value& sentence : golden["sentences"]) {
    auto ids = files->tokenizer->Encode(sentence.get<std::string>());
    ASSERT_TRUE(ids) << ToString(ids.error());
    if (static_cast<int64_t>(ids->size()) > files->max_tokens) {
      const int32_t last = ids->back();
      ids->resize(files->max_tokens);
      ids->back() = last;
    }
    batch.push_back(std::move(*ids));
  }

  auto aten = AtenEncoder::Load(files->config, *files->weights, {});
  auto float32 = CpuEncoder::Load(files->config, *files->weights, WeightFormat::kF32, 1);
  auto int8 = CpuEncoder::Load(files->config, *files->weights, WeightFormat::kInt8, 1);
  auto bf16 = CpuEncoder::Load(files->config, *files->weights, WeightFormat::kBf16, 1);
  ASSERT_TRUE(aten && float32 && int8 && bf16);
  const std::vector<std::pair<Encoder*, double>> implementations{
      {aten->get(), 0.99999}, {float32->get(), 0.99999}, {bf16->get(), 0.9999}, {int8->get(), 0.999}};
  for (const auto& [model, least] : implementations) {
    SCOPED_TRACE(model->compute());
    // All at once, so that short sentences stand next to one of 256 tokens.
    const auto vectors = model->Embed(batch, files->pooling, files->normalize);
    ASSERT_TRUE(vectors) << ToString(vectors.error());
    ASSERT_EQ(vectors->size(0), 50);
    ASSERT_EQ(vectors->size(1), static_cast<int64_t>(width));
    const auto* ours = vectors->const_data_ptr<float>();
    double worst = 1;
    for (size_t i = 0; i < 50; ++i) {
      double dot = 0, a = 0, b = 0;
      for (size_t j = 0; j < width; ++j) {
        const double x = ours[i * width + j];
        const double y = static_cast<float>(expected[i * width + j]);
        dot += x * y;
        a += x * x;
        b += y * y;
      }
      EXPECT_NEAR(a, 1, 1e-5) << i;
      worst = std::min(worst, dot / std::sqrt(a * b));
      EXPECT_GE(dot / std::sqrt(a * b), least) << golden["sentences"][i];
    }
    RecordProperty("min_cosine_" + model->compute(), std::to_string(worst));
  }
}

}  // namespace
}  // namespace troupe::model
