#include "runtime/train/stored_top.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/TensorBody.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/train/tiny_answers.h"

namespace troupe::train {
namespace {

using testing::HasSubstr;

constexpr double kTemperature = 1.5;
const auto kSilent = [](double) -> Status { return {}; };

class StoredTopTest : public testing::Test {
 protected:
  StoredTopTest() {
    for (size_t i = 0; i < texts_.size(); i += 3) texts_[i].shown = {9, 8, 7, texts_[i].prompt.back()};
  }
  std::filesystem::path File() const { return folder_.path / "top"; }
  Status Store(int64_t k) const { return StoreTop(File(), teacher_, texts_, k, kTemperature, "these", kSilent); }

  const c10::AutoGradMode off_{false};
  TempFolder folder_;
  WholeDecoder teacher_ = TinyWriter(3);
  std::vector<PromptAnswer> texts_ = TinyAnswers(40, 1);
};

TEST_F(StoredTopTest, HoldsWhatTheTeacherSaysOfEachTextHoweverManyTokensAreAskedFor) {
  const std::vector<size_t> some{7, 0, 39};
  for (const int64_t k : {int64_t{5}, kTinyVocab + 5}) {
    SCOPED_TRACE(k);
    const Status written = Store(k);
    ASSERT_TRUE(written) << ToString(written.error());
    const auto stored = StoredTop::Open(File(), texts_, "these");
    ASSERT_TRUE(stored) << ToString(stored.error());
    const TopTokens top = (*stored)->Of(some);
    // as it says it when it is asked about these alone, having been shown what it is shown
    const AnswerBatch batch = BatchAnswers(AnswerTexts(texts_).At(some), Reader::kTeacher);
    const TopTokens asked = TopOf(AnswerLogits(teacher_, batch), k, kTemperature);
    EXPECT_TRUE(top.ids.equal(asked.ids));
    EXPECT_LT((top.log_probs - asked.log_probs).abs().max().item<double>(), 1e-5);
  }
}

TEST_F(StoredTopTest, WhatBelongsToOthersOrIsNoSuchFileIsRefused) {
  ASSERT_TRUE(Store(5));
  EXPECT_EQ(StoredTop::Open(File(), texts_, "those").error().code, Code::kFailedPrecondition);
  EXPECT_EQ(StoredTop::Open(File(), TinyAnswers(39, 1), "these").error().code, Code::kFailedPrecondition);
  EXPECT_FALSE(StoredTop::Open(folder_.path / "away", texts_, "these"));
  ASSERT_TRUE(model::WriteSafetensors(File(), {}, {}));
  EXPECT_THAT(StoredTop::Open(File(), texts_, "these").error().message, HasSubstr("holds nothing that a teacher said"));
}

TEST_F(StoredTopTest, AWatchStopsItAndLeavesNoFile) {
  const auto stop = [](double) -> Status { return Cancelled("enough"); };
  EXPECT_EQ(StoreTop(File(), teacher_, texts_, 5, 1, "these", stop).error().message, "enough");
  EXPECT_FALSE(std::filesystem::exists(File()));
}

}  // namespace
}  // namespace troupe::train
