#include "router/answers/given.h"

#include <gtest/gtest.h>

namespace troupe::answers {
namespace {

Given Of(const std::string& step) { return {.step = {"g", step}, .answer_key = "k-" + step}; }

TEST(GivenByMeaning, EachIsTakenOnce) {
  GivenByMeaning given;
  given.Remember("t", Of("a"));
  given.Remember("t", Of("b"));
  given.Remember("u", Of("a"));
  const auto first = given.Take("t", "b");
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].answer_key, "k-b");
  EXPECT_EQ(given.Take("t", "").size(), 1u);
  EXPECT_TRUE(given.Take("t", "").empty());
  EXPECT_EQ(given.Take("u", "a").size(), 1u);
}

TEST(GivenByMeaning, TheNewestTasksAreRemembered) {
  GivenByMeaning given(2);
  // given: one that was taken, and is given another answer afterwards
  given.Remember("t", Of("a"));
  given.Take("t", "");
  given.Remember("t", Of("b"));
  given.Remember("u", Of("a"));
  // when
  given.Remember("v", Of("a"));
  // then
  EXPECT_TRUE(given.Take("t", "").empty());
  EXPECT_EQ(given.Take("u", "").size(), 1u);
  EXPECT_EQ(given.Take("v", "").size(), 1u);
}

}  // namespace
}  // namespace troupe::answers
