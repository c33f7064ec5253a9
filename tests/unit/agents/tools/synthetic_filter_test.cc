#include "agents/tools/synthetic_filter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace troupe::tools {
namespace {

// Of length 1, at so many degrees.
std::vector<float> At(double degrees) {
  const double radians = degrees * std::acos(-1.0) / 180;
  return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))};
}

// Texts of "lost" lie about 0 degrees, texts of "late" about 90.
class SyntheticFilterTest : public testing::Test {
 protected:
  Verdict Judge(const std::string& text, const std::string& label, double degrees, double confidence = 0.5) {
    const auto vector = At(degrees);
    return filter_.Judge({text, label, true, confidence, vector});
  }

  // within 8 degrees of each other texts are duplicates
  FilterRules rules_{.min_chars = 5, .max_chars = 20, .confidence = 0.3, .duplicate = std::cos(0.14), .voters = 1};
  SyntheticFilter filter_{rules_, {"card lost", "card late"}, {"lost", "late"}, {At(0), At(90)}};
};

TEST_F(SyntheticFilterTest, WhatIsNewSureAndInItsPlaceIsKept) {
  EXPECT_EQ(Judge("my card is gone", "lost", 20), Verdict::kKept);
  EXPECT_EQ(Judge("no card has come", "late", 70), Verdict::kKept);
}

TEST_F(SyntheticFilterTest, AnotherFormIsDropped) {
  EXPECT_EQ(Judge("card", "lost", 20), Verdict::kForm);
  EXPECT_EQ(Judge("a card of twenty-one c", "lost", 20), Verdict::kForm);
  // characters count, not bytes
  EXPECT_EQ(Judge("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", "lost", 20), Verdict::kForm);
  const auto vector = At(20);
  EXPECT_EQ(filter_.Judge({"my card is", "lost", false, 0.5, vector}), Verdict::kForm);
}

TEST_F(SyntheticFilterTest, NothingIsSaidTwice) {
  // of real texts, to the letter, though they are far apart, and nearly so
  EXPECT_EQ(Judge("Card  LOST", "lost", 40), Verdict::kDuplicate);
  EXPECT_EQ(Judge("lost my card", "lost", 5), Verdict::kDuplicate);
  // of what was kept; what was dropped does not count
  EXPECT_EQ(Judge("my card is gone", "lost", 20, 0.1), Verdict::kUnsure);
  EXPECT_EQ(Judge("my card is gone", "lost", 20), Verdict::kKept);
  EXPECT_EQ(Judge("my card is gone", "lost", 35), Verdict::kDuplicate);
  EXPECT_EQ(Judge("my card has gone", "lost", 25), Verdict::kDuplicate);
  EXPECT_EQ(Judge("is my card gone", "lost", 30), Verdict::kKept);
}

TEST_F(SyntheticFilterTest, WhatTheTeacherWasNotSureOfIsDropped) {
  EXPECT_EQ(Judge("my card is gone", "lost", 20, 0.29), Verdict::kUnsure);
  EXPECT_EQ(Judge("my card is gone", "lost", 20, 0.3), Verdict::kKept);
}

TEST_F(SyntheticFilterTest, ASecondLookDropsWhatIsNearAnotherSkill) {
  EXPECT_EQ(Judge("no card has come", "lost", 70), Verdict::kSecondLook);
  // what was kept has no say in it: only real texts do
  EXPECT_EQ(Judge("where is my card", "lost", 40), Verdict::kKept);
  EXPECT_EQ(Judge("when will it come", "lost", 50), Verdict::kSecondLook);
}

TEST_F(SyntheticFilterTest, SeveralVotersDecideTogether) {
  rules_.voters = 3;
  filter_ = SyntheticFilter(rules_, {"a lost card", "one late", "two late"}, {"lost", "late", "late"},
                            {At(0), At(60), At(70)});
  EXPECT_EQ(Judge("my card is gone", "lost", 20), Verdict::kSecondLook);
}

}  // namespace
}  // namespace troupe::tools
