#include "runtime/train/classifier_training.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/train/measure.h"
#include "tests/unit/train/tiny_training.h"

namespace troupe::train {
namespace {

void RunAll(ClassifierTraining& training) {
  while (training.at() < training.steps()) ASSERT_TRUE(training.Step());
}

std::vector<std::vector<uint8_t>> BytesOf(const ClassifierTraining& training) {
  std::vector<std::vector<uint8_t>> bytes;
  for (const model::TensorOut& tensor : training.Tensors()) bytes.push_back(tensor.bytes);
  return bytes;
}

TEST(ClassifierTraining, LearnsWhatTellsItsTextsApart) {
  // given a classifier of random weights
  TrainingOptions options = TinyOptions();
  options.epochs = 30;
  ClassifierTraining training(TinyEncoder(), TinyTexts(120, 1), options, std::nullopt);
  const EncodedTexts unseen = TinyTexts(200, 2);
  ASSERT_LT(Measure(training.student(), unseen)->accuracy, 0.6);
  // when it is trained, then it knows texts that it has not seen
  RunAll(training);
  EXPECT_GT(Measure(training.student(), unseen)->accuracy, 0.95);
}

TEST(ClassifierTraining, AnEpochGoesThroughEachTextOnce) {
  // 37 texts in batches of 4, two a step: 10 batches
  EXPECT_EQ(TinyTraining().steps_per_epoch(), 5);
  EXPECT_EQ(TinyTraining().steps(), 20);
}

TEST(ClassifierTraining, TheSameSeedGivesTheSameWeightsToTheBit) {
  const auto run = [](uint64_t seed) {
    TrainingOptions options = TinyOptions();
    options.seed = seed;
    ClassifierTraining training = TinyTraining(options);
    RunAll(training);
    return BytesOf(training);
  };
  const auto one = run(5);
  EXPECT_EQ(one, run(5));
  EXPECT_NE(one, run(6));
}

TEST(ClassifierTraining, BatchesThatAreAddedUpAreLikeOneLargeBatch) {
  // given texts of one length, so that both see the same ones together, and no dropout
  EncodedTexts texts = TinyTexts(16, 1);
  for (auto& ids : texts.ids) ids.resize(3, 3);
  TrainingOptions options = TinyOptions();
  options.epochs = 1;
  options.dropout = 0;
  const auto loss = [&](int64_t batch, int64_t accumulate) {
    options.batch = batch;
    options.accumulate = accumulate;
    ClassifierTraining training(TinyEncoder(), texts, options, std::nullopt);
    const auto first = training.Step();
    EXPECT_TRUE(first);
    return std::pair(*first, training.student().Parameters().back().value.clone());
  };
  const auto [whole, after_whole] = loss(16, 1);
  const auto [parts, after_parts] = loss(4, 4);
  EXPECT_NEAR(whole, parts, 1e-5);
  EXPECT_LT((after_whole - after_parts).abs().max().item<double>(), 1e-5);
}

TEST(ClassifierTraining, ALossThatIsNoNumberStopsItAndChangesNothing) {
  // given a weight that spoils everything
  ClassifierTraining training = TinyTraining();
  ASSERT_TRUE(training.Step());
  at::Tensor bias = training.student().Parameters().back().value.detach();
  bias[0] = std::numeric_limits<float>::quiet_NaN();
  const auto before = BytesOf(training);
  // when it takes a step
  const auto loss = training.Step();
  // then the step is named
  ASSERT_FALSE(loss);
  EXPECT_EQ(loss.error().code, Code::kInternal);
  EXPECT_THAT(loss.error().message, testing::HasSubstr("step 2"));
  EXPECT_EQ(BytesOf(training), before);
}

TEST(ClassifierTraining, AStudentComesToSayWhatItsTeacherSays) {
  // given texts without labels, and a student that is not its teacher
  EncodedTexts texts = TinyTexts(60, 3);
  for (int64_t& number : texts.numbers) number = kNoLabel;
  const WholeEncoder teacher = TinyEncoder();
  const auto distance = [&](const WholeEncoder& student) {
    const PaddedTexts padded = Pad(texts.ids);
    return (student.Forward(padded).logits - teacher.Forward(padded).logits).abs().mean().item<double>();
  };
  WholeEncoder student = TinyEncoder();
  for (const Parameter& parameter : student.Parameters()) {
    if (parameter.name.starts_with("encoder.layer.0")) parameter.value.mul_(0.5);
  }
  const double before = distance(student);
  // when it learns from the teacher's scores and states alone
  TrainingOptions options = TinyOptions();
  options.epochs = 40;
  options.dropout = 0;
  ClassifierTraining training(
      std::move(student), texts, options,
      Teaching{.teacher = TinyEncoder(), .scores = 1, .temperature = 2, .states = 1, .layers = {0, 1}});
  const double first = *training.Step();
  double last = 0;
  while (training.at() < training.steps()) last = *training.Step();
  // then it comes near
  EXPECT_LT(last, 0.3 * first);
  EXPECT_LT(distance(training.student()), 0.5 * before);
}

// The loss of the first step over all texts at once.
double FirstLoss(const EncodedTexts& texts, std::optional<Teaching> teaching, int labels) {
  const TrainingOptions options{.epochs = 1, .batch = 64, .dropout = 0};
  ClassifierTraining training(TinyEncoder(labels), texts, options, std::move(teaching));
  const auto loss = training.Step();
  EXPECT_TRUE(loss);
  return *loss;
}

TEST(ClassifierTraining, ATeacherIsHeededForSomeTextsAndTheLabelsOfTheOthersCountInFull) {
  // given a student of four labels, and a teacher that knows the first three
  const EncodedTexts texts = TinyTexts(10, 4, 4);
  EncodedTexts first = texts, second = texts;
  first.ids.resize(4), first.numbers.resize(4);
  second.ids.erase(second.ids.begin(), second.ids.begin() + 4);
  second.numbers.erase(second.numbers.begin(), second.numbers.begin() + 4);
  Teaching teaching{.teacher = TinyEncoder(3), .scores = 0.5};
  const double taught_first = FirstLoss(first, teaching, 4), labelled_second = FirstLoss(second, std::nullopt, 4);
  // when it is heeded for the first four texts only
  teaching.heeded = {true, true, true, true, false, false, false, false, false, false};
  const double loss = FirstLoss(texts, teaching, 4);
  // then it is as if they were trained with the teacher, and the others without
  EXPECT_NEAR(loss, 0.4 * taught_first + 0.6 * labelled_second, 1e-5);
  EXPECT_GT(std::abs(taught_first - FirstLoss(first, std::nullopt, 4)), 1e-3);
  // and heeded for none it teaches nothing
  teaching.heeded.assign(10, false);
  EXPECT_NEAR(FirstLoss(texts, teaching, 4), FirstLoss(texts, std::nullopt, 4), 1e-6);
}

}  // namespace
}  // namespace troupe::train
