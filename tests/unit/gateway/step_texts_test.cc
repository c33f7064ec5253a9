#include "router/gateway/step_texts.h"

#include <gtest/gtest.h>

namespace troupe::gateway {
namespace {

TEST(StepTextsTest, TextIsTakenOnceAndInOrder) {
  // given
  StepTexts texts;
  texts.Add("a", 1, "one ", 1);
  texts.Add("b", 1, "hello", 3);
  texts.Add("a", 1, "two", 2);
  EXPECT_EQ(texts.fresh_bytes(), 12u);
  // when
  const auto taken = texts.TakeFresh();
  // then
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0], (core::StepProgress{"a", 1, "one two", 2}));
  EXPECT_EQ(taken[1], (core::StepProgress{"b", 1, "hello", 3}));
  EXPECT_EQ(texts.fresh_bytes(), 0u);
  EXPECT_TRUE(texts.TakeFresh().empty());
}

TEST(StepTextsTest, WhatIsPartlyRecordedIsKnown) {
  StepTexts texts;
  texts.Add("a", 1, "one", 1);
  EXPECT_TRUE(texts.HasFresh("a", 1));
  EXPECT_FALSE(texts.IsPartlyRecorded("a", 1));
  texts.TakeFresh();
  EXPECT_FALSE(texts.IsPartlyRecorded("a", 1));
  texts.Add("a", 1, "two", 2);
  EXPECT_TRUE(texts.IsPartlyRecorded("a", 1));
  EXPECT_FALSE(texts.IsPartlyRecorded("a", 2));
  // one that goes on after a restart
  texts.MarkRecorded("b", 3);
  texts.Add("b", 3, "more", 9);
  EXPECT_TRUE(texts.IsPartlyRecorded("b", 3));
}

TEST(StepTextsTest, WhatIsForgottenCountsNoMore) {
  StepTexts texts;
  texts.Add("a", 1, "one", 1);
  texts.Add("a", 2, "four", 1);
  texts.Forget("a", 1);
  texts.Forget("a", 7);
  EXPECT_EQ(texts.fresh_bytes(), 4u);
  EXPECT_FALSE(texts.HasFresh("a", 1));
  EXPECT_EQ(texts.TakeFresh().at(0).text, "four");
}

}  // namespace
}  // namespace troupe::gateway
