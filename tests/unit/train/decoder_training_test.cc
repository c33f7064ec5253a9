#include "runtime/train/decoder_training.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/model/adapter.h"
#include "runtime/model/adapter_folder.h"
#include "runtime/train/grade_answers.h"
#include "runtime/train/named_tensors.h"
#include "runtime/train/training_run.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/train/tiny_teacher.h"

namespace troupe::train {
namespace {

void RunAll(DecoderTraining& training) {
  while (training.at() < training.steps()) ASSERT_TRUE(training.Step());
}

double Share(const WholeDecoder& decoder, const std::vector<PromptAnswer>& texts) {
  const auto grade = GradeAnswers(decoder, texts, Reader::kStudent);
  EXPECT_TRUE(grade) << ToString(grade.error());
  return grade ? grade->accuracy : 0;
}

TEST(DecoderTraining, LearnsAnswersThatAreGiven) {
  const std::vector<PromptAnswer> unseen = TinyAnswers(100, 2);
  ASSERT_LT(Share(TinyWriter(), unseen), 0.2);
  EXPECT_GT(Share(TinyTeacher(), unseen), 0.95);
}

TEST(DecoderTraining, LearnsFromEveryKindOfTeaching) {
  const std::vector<PromptAnswer> unseen = TinyAnswers(100, 2);
  for (const auto& [divergence, on_policy] :
       {std::pair(Divergence::kForward, 0.0), std::pair(Divergence::kReverse, 0.5),
        std::pair(Divergence::kJensenShannon, 1.0)}) {
    SCOPED_TRACE(testing::Message() << "on policy " << on_policy);
    DecoderTrainingOptions options = TinyDecoderOptions();
    options.epochs = 10;
    options.rate = 4e-3;
    DecoderTraining training(TinyWriter(), TinyAnswers(120, 1), options, Taught(divergence, on_policy));
    RunAll(training);
    EXPECT_GT(Share(training.student(), unseen), 0.75);
  }
}

TEST(DecoderTraining, ATeacherThatIsStoredTeachesAsOneThatIsAsked) {
  TempFolder folder;
  const std::vector<PromptAnswer> texts = TinyAnswers(30, 1);
  const auto file = folder.path / "top";
  const auto silent = [](double) -> Status { return {}; };
  ASSERT_TRUE(StoreTop(file, TinyTeacher(), texts, kTinyVocab - 1, 1, "these", silent));
  // when two train side by side, one with the teacher, one with what it said of all tokens but one
  DecoderTeaching stored{.scores = 0.5};
  stored.stored = std::move(*StoredTop::Open(file, texts, "these"));
  DecoderTraining one(TinyWriter(), texts, TinyDecoderOptions(), std::move(stored));
  DecoderTraining other(TinyWriter(), texts, TinyDecoderOptions(), Taught(Divergence::kForward, 0, 0.5));
  // then they see the same losses
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(*one.Step(), *other.Step(), 1e-4);
  // and what belongs to other texts is refused
  EXPECT_EQ(StoredTop::Open(file, texts, "those").error().code, Code::kFailedPrecondition);
  EXPECT_EQ(StoredTop::Open(file, TinyAnswers(29, 1), "these").error().code, Code::kFailedPrecondition);
}

TEST(DecoderTraining, BatchesThatAreAddedUpAreLikeOneLargeBatch) {
  const auto first = [](int64_t batch, int64_t accumulate) {
    DecoderTrainingOptions options = TinyDecoderOptions();
    options.batch = batch;
    options.accumulate = accumulate;
    DecoderTraining training(TinyWriter(), TinyAnswers(16, 1), options, std::nullopt);
    const auto loss = training.Step();
    EXPECT_TRUE(loss);
    return std::pair(*loss, training.Weights().front().value.detach().clone());
  };
  const auto [whole, after_whole] = first(16, 1);
  const auto [parts, after_parts] = first(4, 4);
  EXPECT_NEAR(whole, parts, 1e-5);
  EXPECT_LT((after_whole - after_parts).abs().max().item<double>(), 1e-5);
}

TEST(DecoderTraining, InBfloat16ItLearnsTheSame) {
  DecoderTrainingOptions options = TinyDecoderOptions();
  DecoderTraining exact(TinyWriter(), TinyAnswers(40, 1), options, Taught(Divergence::kForward, 0));
  options.products = Products::kBfloat16;
  DecoderTraining rounded(TinyWriter(), TinyAnswers(40, 1), options, Taught(Divergence::kForward, 0));
  for (int i = 0; i < 10; ++i) EXPECT_NEAR(*exact.Step(), *rounded.Step(), 0.05);
  // the weights that change stay exact
  for (const Parameter& weight : rounded.Weights()) EXPECT_EQ(weight.value.scalar_type(), at::kFloat);
}

TEST(DecoderTraining, ALossThatIsNoNumberStopsItAndChangesNothing) {
  DecoderTraining training(TinyWriter(), TinyAnswers(16, 1), TinyDecoderOptions(), std::nullopt);
  ASSERT_TRUE(training.Step());
  at::Tensor norm = training.Weights().back().value.detach();
  norm[0] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor before = training.Weights().front().value.detach().clone();
  const auto loss = training.Step();
  ASSERT_FALSE(loss);
  EXPECT_EQ(loss.error().code, Code::kInternal);
  EXPECT_THAT(loss.error().message, testing::HasSubstr("step 2"));
  EXPECT_TRUE(training.Weights().front().value.equal(before));
}

TEST(DecoderTraining, AnAdapterLearnsWhileTheModelStaysAsItIs) {
  // given an adapter that is trained
  DecoderTrainingOptions options = TinyDecoderOptions();
  options.epochs = 20;
  options.rate = 2e-2;
  options.lora = LoraOptions{.rank = 4, .alpha = 8};
  DecoderTraining training(TinyWriter(), TinyAnswers(120, 1), options, std::nullopt);
  const std::vector<PromptAnswer> unseen = TinyAnswers(100, 2);
  const double before = Share(training.student(), unseen);
  EXPECT_EQ(before, Share(TinyWriter(), unseen));  // it begins as the model does
  RunAll(training);
  EXPECT_GT(Share(training.student(), unseen), before + 0.3);
  // then it is in few numbers
  int64_t numbers = 0;
  for (const Parameter& weight : training.Weights()) numbers += weight.value.numel();
  EXPECT_EQ(training.Weights().size(), 2u * 2u * 7u);  // two for each of a layer's seven matrices
  EXPECT_LT(numbers, 4 * 2 * 7 * (48 + 32) + 1);
  // and merged into the model it says what it said as it was trained
  TempFolder folder;
  BestWeights weights;
  for (const Parameter& weight : training.Weights()) weights.push_back(ToFile(weight.name, weight.value));
  ASSERT_TRUE(model::WriteAdapterFolder({.rank = 4, .alpha = 8, .base_name = "tiny", .tensors = weights},
                                        folder.path / "adapter", model::Overwrite::kNo));
  const auto adapter = model::Adapter::Open(folder.path / "adapter");
  ASSERT_TRUE(adapter) << ToString(adapter.error());
  const model::ModelConfig config = model::TinyConfig(kTinyVocab);
  const auto merged = adapter->On(model::WeightsFromMap(model::TinyWeights(config)));
  ASSERT_TRUE(merged) << ToString(merged.error());
  const auto served = WholeDecoder::Load(config, **merged);
  ASSERT_TRUE(served);
  const c10::AutoGradMode off(false);
  const AnswerBatch batch = BatchAnswers(unseen, Reader::kStudent);
  EXPECT_LT((AnswerLogits(*served, batch) - AnswerLogits(training.student(), batch)).abs().max().item<double>(), 1e-4);
}

// A run whose student writes half of its answers itself.
class DecoderRunTest : public testing::Test {
 protected:
  Result<Trained> Run(int64_t until = INT64_MAX) const {
    DecoderTrainingOptions options = TinyDecoderOptions();
    options.products = Products::kBfloat16;
    DecoderTraining training(TinyWriter(), TinyAnswers(37, 1), options, Taught(Divergence::kJensenShannon, 0.5));
    const std::vector<PromptAnswer> held_out = TinyAnswers(20, 2);
    return RunTraining(
        training, [&] { return GradeAnswers(training.student(), held_out, Reader::kStudent); },
        {.checkpoint = folder_.path / "checkpoint", .run = "a run", .check_steps = 4},
        [&](const TrainingLog&) -> Status { return training.at() == until ? Status(Cancelled("killed")) : Status(); });
  }

  TempFolder folder_;
};

TEST_F(DecoderRunTest, ARunThatWasCutOffEndsAsOneThatWasNot) {
  const auto whole = Run();
  ASSERT_TRUE(whole) << ToString(whole.error());
  ASSERT_EQ(whole->log.losses.size(), 15u);
  for (const int64_t cut : {1, 4, 6, 14}) {
    SCOPED_TRACE(cut);
    std::filesystem::remove(folder_.path / "checkpoint");
    ASSERT_FALSE(Run(cut));
    const auto resumed = Run();
    ASSERT_TRUE(resumed) << ToString(resumed.error());
    EXPECT_EQ(resumed->log.ToValue(), whole->log.ToValue());
    ASSERT_EQ(resumed->weights.size(), whole->weights.size());
    for (size_t i = 0; i < whole->weights.size(); ++i) EXPECT_EQ(resumed->weights[i].bytes, whole->weights[i].bytes);
  }
}

}  // namespace
}  // namespace troupe::train
