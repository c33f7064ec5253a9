#include "runtime/train/train_classifier.h"

#include <ATen/core/TensorBody.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <limits>

#include "tests/support/temp_folder.h"
#include "tests/unit/train/tiny_training.h"

namespace troupe::train {
namespace {

const TrainingWatch kSilent = [](const ClassifierTraining&, const TrainingLog&) -> Status { return {}; };

class TrainClassifierTest : public testing::Test {
 protected:
  RunOptions Options() const { return {.checkpoint = folder_.path / "checkpoint", .run = "a run", .check_steps = 3}; }
  Result<TrainedClassifier> Train(ClassifierTraining training, const TrainingWatch& watch = kSilent) const {
    return TrainClassifier(training, held_out_, Options(), watch);
  }
  // As a kill after that many steps would leave it.
  Result<TrainedClassifier> TrainUntil(int64_t step) const {
    return Train(TinyTraining(), [step](const ClassifierTraining& training, const TrainingLog&) -> Status {
      return training.at() == step ? Status(Cancelled("killed")) : Status();
    });
  }
  void Forget() const { std::filesystem::remove(Options().checkpoint); }

  TempFolder folder_;
  EncodedTexts held_out_ = TinyTexts(50, 9);
};

void ExpectSame(const TrainedClassifier& one, const TrainedClassifier& other) {
  EXPECT_EQ(one.log.ToValue(), other.log.ToValue());
  ASSERT_EQ(one.weights.size(), other.weights.size());
  for (size_t i = 0; i < one.weights.size(); ++i) {
    EXPECT_EQ(one.weights[i].name, other.weights[i].name);
    EXPECT_EQ(one.weights[i].bytes, other.weights[i].bytes) << one.weights[i].name;
  }
}

TEST_F(TrainClassifierTest, ARunThatWasCutOffEndsAsOneThatWasNot) {
  // given a run of 20 steps that nobody disturbs
  const auto whole = Train(TinyTraining());
  ASSERT_TRUE(whole) << ToString(whole.error());
  ASSERT_EQ(whole->log.losses.size(), 20u);
  ASSERT_EQ(whole->log.checks.size(), 7u);
  for (const int64_t cut : {1, 3, 7, 15, 19}) {
    SCOPED_TRACE(cut);
    Forget();
    // when it is cut off and begun again by another process
    ASSERT_FALSE(TrainUntil(cut));
    const auto resumed = Train(TinyTraining());
    // then log and weights are the same to the bit
    ASSERT_TRUE(resumed) << ToString(resumed.error());
    ExpectSame(*resumed, *whole);
  }
}

TEST_F(TrainClassifierTest, CutAgainAndAgainItEndsTheSameWay) {
  const auto whole = Train(TinyTraining());
  ASSERT_TRUE(whole);
  Forget();
  for (const int64_t cut : {4, 8, 9, 16}) ASSERT_FALSE(TrainUntil(cut));
  const auto resumed = Train(TinyTraining());
  ASSERT_TRUE(resumed);
  ExpectSame(*resumed, *whole);
}

TEST_F(TrainClassifierTest, WhatItHasComeToCanBeTaken) {
  // given a run that was cut off behind its second check
  RunOptions options = Options();
  options.take_best = true;
  ClassifierTraining nothing = TinyTraining();
  EXPECT_EQ(TrainClassifier(nothing, held_out_, options, kSilent).error().code, Code::kFailedPrecondition);
  ASSERT_FALSE(TrainUntil(7));
  // when its best weights are taken
  ClassifierTraining training = TinyTraining();
  const auto taken = TrainClassifier(training, held_out_, options, kSilent);
  // then they are those of its checks, and no step was taken
  ASSERT_TRUE(taken) << ToString(taken.error());
  EXPECT_EQ(taken->log.losses.size(), 6u);
  EXPECT_EQ(taken->log.checks.size(), 2u);
  EXPECT_FALSE(taken->weights.empty());
}

TEST_F(TrainClassifierTest, TheBestCheckIsKeptAndNotTheLast) {
  const auto trained = Train(TinyTraining());
  ASSERT_TRUE(trained);
  const auto& checks = trained->log.checks;
  for (const Check& check : checks) {
    EXPECT_FALSE(check.grade.IsBetterThan(checks[static_cast<size_t>(trained->log.best)].grade));
  }
}

TEST_F(TrainClassifierTest, TheLastWeightsAreKeptWhereChecksMustNotChoose) {
  // given a run that is cut off, goes on, and is to end with its last weights
  RunOptions options = Options();
  options.keep = KeptWeights::kLast;
  ClassifierTraining cut = TinyTraining();
  ASSERT_FALSE(
      TrainClassifier(cut, held_out_, options, [](const ClassifierTraining& training, const TrainingLog&) -> Status {
        return training.at() == 10 ? Status(Cancelled("killed")) : Status();
      }));
  ClassifierTraining training = TinyTraining();
  const auto trained = TrainClassifier(training, held_out_, options, kSilent);
  ASSERT_TRUE(trained) << ToString(trained.error());
  // then they are those of the last step of a run that nobody disturbed
  ClassifierTraining whole = TinyTraining();
  while (whole.at() < whole.steps()) ASSERT_TRUE(whole.Step());
  const auto parameters = whole.student().Parameters();
  ASSERT_EQ(trained->weights.size(), parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto* bytes = static_cast<const uint8_t*>(parameters[i].value.const_data_ptr());
    EXPECT_EQ(trained->weights[i].bytes, std::vector<uint8_t>(bytes, bytes + parameters[i].value.nbytes()))
        << parameters[i].name;
  }
}

TEST_F(TrainClassifierTest, ACheckpointOfAnotherRunIsRefused) {
  ASSERT_FALSE(TrainUntil(4));
  RunOptions other = Options();
  other.run = "another run";
  ClassifierTraining training = TinyTraining();
  const auto refused = TrainClassifier(training, held_out_, other, kSilent);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("--fresh"));
}

TEST_F(TrainClassifierTest, ADamagedCheckpointIsToldAndNotUsed) {
  ASSERT_FALSE(TrainUntil(4));
  const std::string bytes = ReadAll(Options().checkpoint);
  for (const size_t kept : {size_t{0}, size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    WriteAll(Options().checkpoint, bytes.substr(0, kept));
    const auto refused = Train(TinyTraining());
    ASSERT_FALSE(refused) << kept;
    EXPECT_THAT(refused.error().message, testing::HasSubstr(Options().checkpoint.string()));
  }
}

TEST_F(TrainClassifierTest, ALossThatIsNoNumberLeavesTheLastGoodCheckpoint) {
  // given a weight that is spoilt after step 4
  ClassifierTraining training = TinyTraining();
  const auto failed =
      TrainClassifier(training, held_out_, Options(), [](const ClassifierTraining& at, const TrainingLog&) -> Status {
        if (at.at() == 4) at.student().Parameters().back().value.detach()[0] = std::numeric_limits<float>::infinity();
        return {};
      });
  // then the step and the checkpoint are named, and what to do
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, testing::HasSubstr("smaller 'rate' and begin anew with --fresh"));
  EXPECT_THAT(failed.error().message, testing::HasSubstr("--take-best"));
  EXPECT_THAT(failed.error().message, testing::HasSubstr("step 5"));
  EXPECT_THAT(failed.error().message, testing::HasSubstr(Options().checkpoint.string()));
  // and the run goes on from it to its right end
  const auto resumed = Train(TinyTraining());
  Forget();
  ExpectSame(*resumed, *Train(TinyTraining()));
}

TEST_F(TrainClassifierTest, WeightsThatCannotBeJudgedDoNotTakeThePlaceOfGoodOnes) {
  // given a run with a checkpoint
  const auto whole = Train(TinyTraining());
  Forget();
  ASSERT_FALSE(TrainUntil(4));
  const std::string before = ReadAll(Options().checkpoint);
  // when the next step spoils the weights, of which only what is held out tells
  ClassifierTraining training = TinyTraining();
  const auto failed = RunTraining(
      training, [] { return Grade{.accuracy = 0, .loss = std::numeric_limits<double>::quiet_NaN()}; }, Options(),
      [](const TrainingLog&) -> Status { return {}; });
  // then it ends there, and the checkpoint is the one before
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kInternal);
  EXPECT_THAT(failed.error().message, testing::HasSubstr("behind step 6 the loss of what is held out is no number"));
  EXPECT_EQ(ReadAll(Options().checkpoint), before);
  ExpectSame(*Train(TinyTraining()), *whole);
}

// Files that may not grow beyond some bytes are as a full disk.
class FullDisk {
 public:
  FullDisk() {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small = before_;
    small.rlim_cur = 4096;
    handler_ = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_F(TrainClassifierTest, AFullDiskLeavesTheCheckpointBefore) {
  // given a checkpoint of step 3
  const auto whole = Train(TinyTraining());
  Forget();
  ASSERT_FALSE(TrainUntil(4));
  const std::string before = ReadAll(Options().checkpoint);
  {
    // when there is no room for the next one
    const FullDisk full;
    const auto failed = Train(TinyTraining());
    // then that is said
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Code::kResourceExhausted);
    EXPECT_THAT(failed.error().message, testing::HasSubstr("make room"));
  }
  // and with room the run goes on from where it was
  EXPECT_EQ(ReadAll(Options().checkpoint), before);
  ExpectSame(*Train(TinyTraining()), *whole);
}

}  // namespace
}  // namespace troupe::train
