#include "router/cache/match.h"

#include <gtest/gtest.h>

namespace troupe::cache {
namespace {

constexpr const char* kQuestion = "How do I activate my card?";

TEST(MatchTest, NothingToGoByIsAMiss) {
  EXPECT_EQ(Choose(kQuestion, {}).outcome, Outcome::kEmpty);
  const std::vector<Neighbour> one{{0.99, kQuestion, "a"}};
  EXPECT_EQ(Choose("\xFF", one).outcome, Outcome::kUnreadable);
  EXPECT_FALSE(Choose("\xFF", one).reason.empty());
}

TEST(MatchTest, ACloseQuestionThatPassesTheGuardAnswers) {
  // given
  const std::vector<Neighbour> one{{0.9, "Please tell me how to activate my card", "a"}};
  // when
  const Match match = Choose(kQuestion, one);
  // then
  EXPECT_TRUE(match.hit());
  EXPECT_EQ(match.chosen, 0);
  EXPECT_EQ(ToString(match, {}), "hit: score 0.900 of 0.820");
}

TEST(MatchTest, ARivalNearlyAsCloseTakesTheHitAway) {
  // given
  const std::vector<Neighbour> two{{0.9, "Please tell me how to activate my card", "a"},
                                   {0.88, "Where do I activate cards?", "b"}};
  // when
  const Match match = Choose(kQuestion, two);
  // then
  EXPECT_EQ(match.outcome, Outcome::kTooFar);
  EXPECT_EQ(match.judged[0].rival, 1);
  EXPECT_NEAR(match.score(), 0.9 - 0.75 * 0.28, 1e-9);
}

TEST(MatchTest, OneWithTheSameAnswerIsNoRival) {
  const std::vector<Neighbour> two{{0.9, "Please tell me how to activate my card", "a"},
                                   {0.88, "Where do I activate cards?", "a"}};
  EXPECT_TRUE(Choose(kQuestion, two).hit());
}

TEST(MatchTest, OneThatDiffersByAPlainFactIsNoRival) {
  // given
  const std::vector<Neighbour> two{{0.97, "How much is a ticket for 3 people please?", "a"},
                                   {0.96, "How much is a ticket for 2 people?", "b"}};
  // when
  const Match match = Choose("How much is a ticket for 3 people?", two);
  // then
  EXPECT_TRUE(match.hit());
  EXPECT_EQ(match.judged[1].verdict.check, GuardCheck::kNumbers);
}

TEST(MatchTest, TheNextOneAnswersWhereTheGuardStopsTheNearest) {
  // given
  const std::vector<Neighbour> two{{0.97, "How do I deactivate my card?", "a"},
                                   {0.9, "how can I activate the card", "a"}};
  // when
  const Match match = Choose(kQuestion, two);
  // then
  EXPECT_TRUE(match.hit());
  EXPECT_EQ(match.chosen, 1);
}

TEST(MatchTest, SaysWhichGuardSpoke) {
  const std::vector<Neighbour> one{{0.97, "How do I deactivate my card?", "a"}};
  EXPECT_EQ(ToString(Choose(kQuestion, one), {}),
            "miss: the guard spoke against all 1; nearest: opposites: 'activate' here, 'deactivate' there");
}

}  // namespace
}  // namespace troupe::cache
