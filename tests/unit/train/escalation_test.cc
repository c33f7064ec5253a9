#include "runtime/train/escalation.h"

#include <gtest/gtest.h>

namespace troupe::train {
namespace {

// Right where it is sure, wrong where it is not, and wrong once although it is sure.
const std::vector<SureAnswer> kAnswers{{0, 0.91, true},   {0, 0.42, false}, {0, 0.87, true}, {0, 0.99, false},
                                       {0, 0.314, false}, {0, 0.55, true},  {0, 0.97, true}, {0, 0.62, false},
                                       {0, 0.77, true},   {0, 0.85, true}};

TEST(Escalation, NobodyIsAskedMoreThanTheAccuracyNeeds) {
  // 6 of 10 are right; with the two least sure ones at the teacher 8 are
  const Escalation eight = ChooseEscalation(kAnswers, {.accuracy = 0.8});
  EXPECT_DOUBLE_EQ(eight.accuracy, 0.8);
  EXPECT_DOUBLE_EQ(eight.teacher_share, 0.2);
  EXPECT_DOUBLE_EQ(eight.own_accuracy, 6.0 / 8);
  EXPECT_GT(eight.below, 0.42);
  EXPECT_LE(eight.below, 0.55);
  // the ninth is the fourth least sure
  EXPECT_DOUBLE_EQ(ChooseEscalation(kAnswers, {.accuracy = 0.9}).teacher_share, 0.4);
  // and what is there already costs nothing
  EXPECT_EQ(ChooseEscalation(kAnswers, {.accuracy = 0.6}).below, 0);
  // all of it takes everything up to the one that is sure and wrong
  const Escalation all = ChooseEscalation(kAnswers, {.accuracy = 1});
  EXPECT_DOUBLE_EQ(all.teacher_share, 1);
  EXPECT_EQ(all.below, 1);
}

TEST(Escalation, TheTeachersShareIsSpentAndNotPassed) {
  EXPECT_DOUBLE_EQ(ChooseEscalation(kAnswers, {.teacher_share = 0.35}).teacher_share, 0.3);
  EXPECT_EQ(ChooseEscalation(kAnswers, {.teacher_share = 0.05}).below, 0);
  EXPECT_DOUBLE_EQ(ChooseEscalation(kAnswers, {.teacher_share = 1}).teacher_share, 1);
}

TEST(Escalation, TheNumberHasNoMoreDigitsThanItNeeds) {
  EXPECT_EQ(ChooseEscalation(kAnswers, {.teacher_share = 0.1}).below, 0.4);   // between 0.314 and 0.42
  EXPECT_EQ(ChooseEscalation(kAnswers, {.teacher_share = 0.6}).below, 0.87);  // between 0.85 and 0.87
}

TEST(Escalation, EqualConfidencesStayTogether) {
  const std::vector<SureAnswer> equal{{0, 0.5, false}, {0, 0.5, true}, {0, 0.5, false}, {0, 0.9, true}};
  EXPECT_DOUBLE_EQ(ChooseEscalation(equal, {.accuracy = 0.6}).teacher_share, 0.75);
  EXPECT_EQ(ChooseEscalation(equal, {.teacher_share = 0.5}).teacher_share, 0);
}

}  // namespace
}  // namespace troupe::train
