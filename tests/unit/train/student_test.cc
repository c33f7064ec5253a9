#include "runtime/train/student.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/model/tiny_bert.h"
#include "tests/unit/model/tiny_decoder.h"

namespace troupe::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Student, LayersAreSpreadOverTheTeacherWithItsLast) {
  EXPECT_THAT(SpreadLayers(6, 2), ElementsAre(2, 5));
  EXPECT_THAT(SpreadLayers(6, 3), ElementsAre(1, 3, 5));
  EXPECT_THAT(SpreadLayers(12, 4), ElementsAre(2, 5, 8, 11));
  EXPECT_THAT(SpreadLayers(6, 1), ElementsAre(5));
  EXPECT_THAT(SpreadLayers(3, 3), ElementsAre(0, 1, 2));
}

class StudentTest : public testing::Test {
 protected:
  model::ModelConfig teacher_ = model::TinyBertConfig(3);
  std::map<std::string, at::Tensor, std::less<>> weights_ = model::TinyBertWeights(teacher_);
  std::shared_ptr<const model::WeightSource> source_ = model::WeightsFromMap(weights_);
};

TEST_F(StudentTest, HasTheTeachersLayersUnderItsOwnNumbers) {
  const StudentShape shape{{1}, teacher_.ffn};
  const model::ModelConfig config = StudentConfig(teacher_, shape);
  EXPECT_EQ(config.layers, 1);
  const auto student = StudentWeights(teacher_, source_, shape);
  const auto loaded = student->Load("bert.encoder.layer.0.attention.self.key.weight", {16, 16});
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->equal(weights_.at("bert.encoder.layer.1.attention.self.key.weight")));
  EXPECT_TRUE(student->Load("classifier.bias", {3})->equal(weights_.at("classifier.bias")));
  EXPECT_FALSE(student->Has("bert.encoder.layer.1.output.dense.weight"));
  EXPECT_FALSE(student->Load("bert.encoder.layer.1.output.dense.weight", {16, 24}));
  EXPECT_TRUE(model::AtenEncoder::Load(config, *student, {}));
}

TEST_F(StudentTest, ANarrowerOneLosesTheNeuronsThatWeighLeast) {
  // given a teacher of which two neurons in three do nothing
  for (const char* layer : {"0", "1"}) {
    at::Tensor& down = weights_.at(std::string("bert.encoder.layer.") + layer + ".output.dense.weight");
    for (int64_t i = 0; i < teacher_.ffn; ++i) {
      if (i % 3 != 1) down.select(1, i).zero_();
    }
  }
  const auto teacher = model::AtenEncoder::Load(teacher_, *source_, {});
  // when a student keeps a third of them
  const StudentShape shape{{0, 1}, 8};
  const auto student =
      model::AtenEncoder::Load(StudentConfig(teacher_, shape), *StudentWeights(teacher_, source_, shape), {});
  ASSERT_TRUE(teacher && student) << ToString(student.error());
  // then it says what the teacher says
  const std::vector<std::vector<int32_t>> texts{{2, 7, 9, 3}, {2, 30, 31, 5, 6, 8, 3}};
  const at::Tensor difference = *(*teacher)->Classify(texts) - *(*student)->Classify(texts);
  EXPECT_LT(difference.abs().max().item<double>(), 1e-5);
}

TEST_F(StudentTest, ShapesThatTheTeacherHasNotAreRefused) {
  const auto refused = [&](const StudentShape& shape) {
    const Status status = CheckShape(teacher_, shape);
    return status ? "taken" : status.error().message;
  };
  EXPECT_EQ(refused({{0, 1}, 24}), "taken");
  EXPECT_THAT(refused({{2}, 24}), HasSubstr("no layer 2: the teacher has layers 0 to 1"));
  EXPECT_THAT(refused({{1, 0}, 24}), HasSubstr("in order"));
  EXPECT_THAT(refused({{0, 0}, 24}), HasSubstr("in order"));
  EXPECT_THAT(refused({{}, 24}), HasSubstr("at least one layer"));
  EXPECT_THAT(refused({{0}, 25}), HasSubstr("give 1 to 24"));
}

TEST(DecoderStudent, HasTheTeachersLayersUnderItsOwnNumbersAndWhatBelongsToThem) {
  // given a decoder whose layers see windows of their own
  model::ModelConfig teacher = model::TinyConfig(64);
  teacher.decoder.layers[0].window = 3;
  teacher.decoder.layers[1].window = 5;
  const auto weights = model::TinyWeights(teacher);
  const StudentShape shape{{1}, teacher.ffn};
  // when a student takes its second layer
  const model::ModelConfig config = StudentConfig(teacher, shape);
  const auto student = StudentWeights(teacher, model::WeightsFromMap(weights), shape);
  // then that is its first, window and all, and the rest is the teacher's
  ASSERT_EQ(config.decoder.layers.size(), 1u);
  EXPECT_EQ(config.decoder.layers[0].window, 5);
  EXPECT_TRUE(student->Load("model.layers.0.mlp.up_proj.weight", {48, 32})
                  ->equal(weights.at("model.layers.1.mlp.up_proj.weight")));
  EXPECT_TRUE(student->Load("model.norm.weight", {32})->equal(weights.at("model.norm.weight")));
  EXPECT_FALSE(student->Has("model.layers.1.mlp.up_proj.weight"));
}

}  // namespace
}  // namespace troupe::train
