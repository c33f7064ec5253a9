#include "router/decompose/skill_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace troupe::decompose {
namespace {

TEST(SkillIndex, MatchesTheSkillWhoseNearestExamplesAreNearest) {
  // given: one skill with one very near example among far ones, one with two rather near ones
  const std::vector<int> counts = {3, 2};
  const std::vector<float> vectors = {1.0f, 0.0f, -1.0f, 0.0f, -1.0f, 0.0f, 0.8f, 0.6f, 0.8f, -0.6f};
  const std::vector<float> message = {1.0f, 0.0f};

  // when / then: one example counts, or the mean of two
  EXPECT_EQ(SkillIndex::Build({"a", "b"}, counts, vectors, 2, 1)->Nearest(message).skill, 0);
  const SkillIndex::Match match = SkillIndex::Build({"a", "b"}, counts, vectors, 2, 2)->Nearest(message);
  EXPECT_EQ(match.skill, 1);
  EXPECT_NEAR(match.score, 0.8, 1e-6);
}

TEST(SkillIndex, CountsAllExamplesOfASkillWithFewerThanNearest) {
  const std::vector<int> counts = {1, 3};
  const std::vector<float> vectors = {1.0f, 0.0f, 0.0f, 1.0f, 0.0f, 1.0f, 0.0f, 1.0f};
  const auto match = SkillIndex::Build({"a", "b"}, counts, vectors, 2, 3)->Nearest(std::vector<float>{1.0f, 0.0f});
  EXPECT_EQ(match.skill, 0);
  EXPECT_NEAR(match.score, 1.0, 1e-6);
}

TEST(SkillIndex, RefusesWhatDoesNotFit) {
  const std::vector<int> one = {1};
  const std::vector<int> none = {0};
  const std::vector<int> huge = {std::numeric_limits<int>::max()};
  EXPECT_FALSE(SkillIndex::Build({}, {}, {}, 2));
  EXPECT_FALSE(SkillIndex::Build({"a"}, none, {}, 2));
  EXPECT_FALSE(SkillIndex::Build({"a"}, {}, {1.0f, 0.0f}, 2));
  EXPECT_FALSE(SkillIndex::Build({"a"}, one, {1.0f}, 2));
  EXPECT_FALSE(SkillIndex::Build({"a"}, huge, {1.0f, 0.0f}, 2));
  EXPECT_FALSE(SkillIndex::Build({"a"}, one, {1.0f, 0.0f}, 0));
  EXPECT_FALSE(SkillIndex::Build({"a"}, one, {1.0f, NAN}, 2));
  EXPECT_TRUE(SkillIndex::Build({"a"}, one, {1.0f, 0.0f}, 2));
}

TEST(Dot, SumsEveryElementOfAnySize) {
  for (int size : {0, 1, 15, 16, 17, 384, 385}) {
    std::vector<float> a(size, 2.0f);
    EXPECT_FLOAT_EQ(Dot(a, a), 4.0f * static_cast<float>(size));
  }
}

}  // namespace
}  // namespace troupe::decompose
