#include "router/rollout/verdict.h"

#include <gtest/gtest.h>

#include <random>

namespace troupe::rollout {
namespace {

constexpr CanaryRule kRule{.percent = 10, .min_tasks = 20, .margin_percent = 5};

bool GoesBack(Tally canary, Tally current, CanaryRule rule = kRule) {
  return WhyRollBack(rule, canary, current).has_value();
}

TEST(Verdict, NothingIsJudgedTooEarly) {
  EXPECT_FALSE(GoesBack({19, 19}, {1'000, 0}));
  EXPECT_TRUE(GoesBack({20, 19}, {1'000, 0}));
  EXPECT_FALSE(GoesBack({0, 0}, {0, 0}));
}

TEST(Verdict, TheMarginItselfIsAllowed) {
  // 10 of 200 are exactly 5 points more than none
  EXPECT_FALSE(GoesBack({200, 10}, {1'000, 0}));
  EXPECT_TRUE(GoesBack({200, 11}, {1'000, 0}));
  // the current version fails too: 12% against 7%, and against 6%
  EXPECT_FALSE(GoesBack({100, 12}, {100, 7}));
  EXPECT_TRUE(GoesBack({100, 12}, {100, 6}));
}

TEST(Verdict, WhereBothFailAlikeTheCanaryIsNotToBlame) {
  EXPECT_FALSE(GoesBack({50, 50}, {50, 50}));
  EXPECT_FALSE(GoesBack({50, 10}, {50, 40}));
}

TEST(Verdict, ACurrentVersionThatEndedNothingCountsAsWithoutFailures) {
  EXPECT_FALSE(GoesBack({20, 1}, {0, 0}));
  EXPECT_TRUE(GoesBack({20, 2}, {0, 0}));
}

TEST(Verdict, LargeNumbersDoNotOverflow) {
  EXPECT_TRUE(GoesBack({50'000'000, 50'000'000}, {500'000'000, 0}));
  EXPECT_FALSE(GoesBack({50'000'000, 0}, {500'000'000, 500'000'000}));
}

TEST(Verdict, ItSaysWhatWasCounted) {
  EXPECT_EQ(*WhyRollBack(kRule, {40, 6}, {380, 2}),
            "6 of 40 tasks (15%) failed on it, 2 of 380 tasks (1%) on the current version: more than 5 points worse");
}

bool GoesBack(const core::StudentTally& canary, const core::StudentTally& current) {
  return GoesBack(Tally{1'000, 0, canary}, Tally{1'000, 0, current});
}

TEST(Verdict, AStudentThatIsUnsureTooOftenGoesBack) {
  // 41% where it was 12%
  EXPECT_TRUE(GoesBack({.answers = 100, .unsure = 41}, {.answers = 900, .unsure = 108}));
  // within the margin, however many there are
  EXPECT_FALSE(GoesBack({.answers = 100'000, .unsure = 22'000}, {.answers = 900'000, .unsure = 108'000}));
  EXPECT_TRUE(GoesBack({.answers = 100'000, .unsure = 23'000}, {.answers = 900'000, .unsure = 108'000}));
  // a better one
  EXPECT_FALSE(GoesBack({.answers = 100, .unsure = 2}, {.answers = 900, .unsure = 108}));
}

TEST(Verdict, WhatChanceExplainsIsNoReason) {
  // 25% and 12%, of few answers and of more
  EXPECT_FALSE(GoesBack({.answers = 40, .unsure = 10}, {.answers = 40, .unsure = 5}));
  EXPECT_TRUE(GoesBack({.answers = 2'000, .unsure = 500}, {.answers = 2'000, .unsure = 240}));
  // fewer answers than tasks that are waited for
  EXPECT_FALSE(GoesBack({.answers = 19, .unsure = 19}, {.answers = 900, .unsure = 0}));
  EXPECT_TRUE(GoesBack({.answers = 20, .unsure = 20}, {.answers = 900, .unsure = 0}));
}

TEST(Verdict, WithoutStudentsOnTheCurrentVersionNobodyIsTooUnsure) {
  EXPECT_FALSE(GoesBack({.answers = 1'000, .unsure = 1'000}, {}));
}

TEST(Verdict, AStudentThatIsSureAndWrongGoesBackByItsSpotChecks) {
  // half of twenty differ, where it was one in a hundred
  EXPECT_TRUE(
      GoesBack({.answers = 400, .checked = 20, .differing = 10}, {.answers = 400, .checked = 100, .differing = 1}));
  EXPECT_FALSE(
      GoesBack({.answers = 400, .checked = 19, .differing = 19}, {.answers = 400, .checked = 100, .differing = 1}));
  EXPECT_FALSE(
      GoesBack({.answers = 400, .checked = 20, .differing = 3}, {.answers = 400, .checked = 100, .differing = 5}));
  // no check on the current version counts as if none had differed
  EXPECT_TRUE(GoesBack({.answers = 400, .checked = 20, .differing = 6}, {.answers = 400}));
  EXPECT_FALSE(GoesBack({.answers = 400, .checked = 20, .differing = 3}, {.answers = 400}));
}

TEST(Verdict, AMarginOfAHundredPointsTurnsAJudgementOff) {
  CanaryRule rule = kRule;
  rule.unsure_margin_percent = rule.differing_margin_percent = 100;
  EXPECT_FALSE(GoesBack({100, 0, {.answers = 100, .unsure = 100, .checked = 100, .differing = 100}},
                        {100, 0, {.answers = 100, .checked = 100}}, rule));
}

TEST(Verdict, ItSaysWhatStudentsDid) {
  EXPECT_EQ(*WhyRollBack(kRule, {100, 0, {.answers = 100, .unsure = 41}}, {900, 0, {.answers = 900, .unsure = 108}}),
            "its students were unsure of 41 of 100 answers (41%), the current version's of 108 of 900 answers (12%): "
            "more than 10 points worse");
  EXPECT_EQ(*WhyRollBack(kRule, {100, 0, {.answers = 100, .checked = 20, .differing = 15}},
                         {900, 0, {.answers = 900, .checked = 90, .differing = 1}}),
            "teachers differed from its students in 15 of 20 spot checks (75%), from the current version's in 1 of 90 "
            "spot checks (1%): more than 10 points worse");
}

// Of versions that are no worse, judged after each of their tasks, hardly any goes back.
TEST(Verdict, LooksAgainAndAgainWithoutSendingBackWhatIsNoWorse) {
  std::mt19937 random(7);
  const CanaryRule rule{.percent = 50, .min_tasks = 50};
  const auto sent_back = [&](double unsure_on_canary, double unsure_on_current) {
    int back = 0;
    for (int i = 0; i < 300; ++i) {
      Tally canary, current;
      while (canary.ended < 300 && !WhyRollBack(rule, canary, current)) {
        const bool is_canary = random() % 2 == 0;
        const double share = is_canary ? unsure_on_canary : unsure_on_current;
        const bool is_unsure = std::uniform_real_distribution()(random) < share;
        (is_canary ? canary : current) += {1, 0, {.answers = 1, .unsure = is_unsure ? 1 : 0}};
      }
      back += canary.ended < 300;
    }
    return back;
  };
  EXPECT_LE(sent_back(0.12, 0.12), 6);
  EXPECT_LE(sent_back(0.3, 0.3), 9);
  EXPECT_GE(sent_back(0.41, 0.12), 297);
}

}  // namespace
}  // namespace troupe::rollout
