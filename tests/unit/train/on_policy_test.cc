// Students that write the answers which their teacher judges.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/temp_folder.h"
#include "tests/unit/train/tiny_teacher.h"

namespace troupe::train {
namespace {

TEST(OnPolicy, EachBatchThatTheStudentWritesHasASeedOfItsOwn) {
  // given a student that writes in every step, of two batches each
  const auto seeds_of_two_steps = [] {
    std::vector<uint64_t> seeds;
    auto teaching = Taught(Divergence::kForward, 1);
    teaching->writer = [&](WholeDecoder& student, std::span<const PromptAnswer> texts, uint64_t seed) {
      seeds.push_back(seed);
      return Greedy(student, texts, seed);
    };
    DecoderTraining training(TinyWriter(), TinyAnswers(32, 1), TinyDecoderOptions(), std::move(teaching));
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(training.Step());
    return seeds;
  };
  // then no two are drawn alike, and all are drawn again by a run that goes on
  const std::vector<uint64_t> seeds = seeds_of_two_steps();
  ASSERT_EQ(seeds.size(), 4u);
  EXPECT_EQ(std::set<uint64_t>(seeds.begin(), seeds.end()).size(), 4u);
  EXPECT_EQ(seeds_of_two_steps(), seeds);
}

TEST(OnPolicy, WhetherTheStudentWritesIsDrawnForEachStepByItself) {
  // given a student that writes in half of its steps
  bool wrote = false;
  auto teaching = Taught(Divergence::kForward, 0.5);
  teaching->writer = [&](WholeDecoder& student, std::span<const PromptAnswer> texts, uint64_t seed) {
    wrote = true;
    return Greedy(student, texts, seed);
  };
  DecoderTrainingOptions options = TinyDecoderOptions();
  options.epochs = 60;
  DecoderTraining training(TinyWriter(), TinyAnswers(4, 1), options, std::move(teaching));
  ASSERT_EQ(training.steps(), 60);
  // when it is trained, then it did so in about half of them, and as often as not otherwise than in the one before,
  // whether that one's number is odd or even
  int written = 0, turns[2] = {0, 0};
  for (bool before = false; training.at() < training.steps(); before = wrote) {
    wrote = false;
    ASSERT_TRUE(training.Step());
    written += wrote ? 1 : 0;
    turns[training.at() % 2] += wrote != before ? 1 : 0;
  }
  EXPECT_NEAR(written, 30, 12);
  for (const int count : turns) EXPECT_NEAR(count, 15, 8);
}

TEST(OnPolicy, WhatTheStudentWritesIsNoTextToLearn) {
  // given answers of its own, then the share of the text in the loss changes nothing
  DecoderTraining one(TinyWriter(), TinyAnswers(30, 1), TinyDecoderOptions(), Taught(Divergence::kForward, 1, 0.3));
  DecoderTraining other(TinyWriter(), TinyAnswers(30, 1), TinyDecoderOptions(), Taught(Divergence::kForward, 1, 1));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(*one.Step(), *other.Step());
}

TEST(OnPolicy, WhatTheStudentWritesIsJudgedByTheTeacherThoughItsWordsOnGivenAnswersAreStored) {
  TempFolder folder;
  const std::vector<PromptAnswer> texts = TinyAnswers(30, 1);
  ASSERT_TRUE(StoreTop(folder.path / "top", TinyTeacher(), texts, 5, 1, "these", [](double) -> Status { return {}; }));
  // given two students that write all answers themselves, one of a teacher some of whose words are stored
  auto teaching = Taught(Divergence::kForward, 1, 0.5);
  teaching->stored = std::move(*StoredTop::Open(folder.path / "top", texts, "these"));
  DecoderTraining one(TinyWriter(), texts, TinyDecoderOptions(), std::move(teaching));
  DecoderTraining other(TinyWriter(), texts, TinyDecoderOptions(), Taught(Divergence::kForward, 1, 0.5));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(*one.Step(), *other.Step());
}

}  // namespace
}  // namespace troupe::train
