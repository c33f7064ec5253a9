#include "runtime/engine/speculation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace troupe::engine {
namespace {

// A device where each token beyond the first costs this part of a step.
StepCosts Measured(double part) {
  StepCosts costs;
  for (int64_t tokens = 1; tokens <= 64; ++tokens) {
    for (int i = 0; i < 5; ++i) {
      costs.Observe(tokens, static_cast<int64_t>(1e6 * (1 + part * static_cast<double>(tokens - 1))));
    }
  }
  return costs;
}

int64_t Drafted(double rate, const StepCosts& costs, int64_t sequences = 1) {
  const std::vector<Guess> guesses(static_cast<size_t>(sequences), Guess{rate, kMostDrafted});
  return TokensToDraft(guesses, sequences, costs);
}

TEST(SpeculationTest, ADraftIsWorthItWhereTokensMoreCostLittle) {
  const StepCosts costs = Measured(0.01);
  EXPECT_EQ(Drafted(0.99, costs), kMostDrafted);
  EXPECT_GT(Drafted(0.5, costs), 0);
  EXPECT_LT(Drafted(0.5, costs), Drafted(0.99, costs));
  EXPECT_EQ(Drafted(0.02, costs), 0);
}

TEST(SpeculationTest, NoDraftIsWorthItWhereEveryTokenCostsAStep) {
  const StepCosts costs = Measured(1);
  for (const double rate : {0.1, 0.5, 0.9, 0.999}) EXPECT_EQ(Drafted(rate, costs), 0) << rate;
}

TEST(SpeculationTest, NoGuessesNoDraft) {
  const StepCosts costs = Measured(0);
  EXPECT_EQ(TokensToDraft({}, 3, costs), 0);
  EXPECT_EQ(TokensToDraft(std::vector<Guess>{{0.9, 0}, {0.9, 0}}, 2, costs), 0);
}

TEST(SpeculationTest, AGuessIsChargedForTheTokensThatItHas) {
  const std::vector<Guess> two{{0.95, 2}};
  EXPECT_EQ(TokensToDraft(two, 1, Measured(0.5)), 3);
}

TEST(SpeculationTest, OfManyInAStepThoseThatGuessNothingCountToo) {
  const std::vector<Guess> one{{0.9, kMostDrafted}};
  EXPECT_GT(TokensToDraft(one, 1, Measured(0.3)), 0);
  EXPECT_EQ(TokensToDraft(one, 8, Measured(0.3)), 0) << "the other seven would wait longer than one gains";
}

TEST(SpeculationTest, GuessesThatWereAlwaysRightAreWorthTheMost) {
  EXPECT_EQ(Drafted(1, Measured(0.01)), kMostDrafted);
}

TEST(SpeculationTest, AStepWithoutGuessesIsMeasuredFirst) {
  EXPECT_EQ(Drafted(0.9, StepCosts()), 0);
  StepCosts costs;
  costs.Observe(16, 1'000'000);
  EXPECT_EQ(Drafted(0.9, costs), 0);
}

TEST(SpeculationTest, EachSizeHasItsCostAndWhatLiesBetweenIsEstimated) {
  const StepCosts costs = Measured(0.1);
  for (int64_t tokens = 1; tokens < 16; ++tokens) {
    EXPECT_NEAR(costs.Expect(tokens), 1e6 * (1 + 0.1 * static_cast<double>(tokens - 1)), 1) << tokens;
  }
  StepCosts few;
  few.Observe(1, 1'000'000);
  few.Observe(9, 3'000'000);
  EXPECT_NEAR(few.Expect(5), 2e6, 1);
  EXPECT_NEAR(few.Expect(15), 3e6, 1) << "more than ever was costs no more";
}

// Where a kernel works by tiles of 16 rows.
TEST(SpeculationTest, OneTokenMoreThanATileIsNotTakenForATile) {
  StepCosts costs;
  for (int i = 0; i < 10; ++i) {
    for (const int64_t tokens : {16, 32, 48}) {
      costs.Observe(tokens, 1'000'000 * tokens / 16);
      costs.Observe(tokens + 1, 1'000'000 * (tokens / 16 + 1));
    }
  }
  for (const int64_t tokens : {16, 32, 48}) {
    EXPECT_NEAR(costs.Expect(tokens), 1e6 * static_cast<double>(tokens / 16), 1) << tokens;
    EXPECT_NEAR(costs.Expect(tokens + 1), 1e6 * static_cast<double>(tokens / 16 + 1), 1) << tokens;
  }
  EXPECT_EQ(Drafted(0.5, costs, 16), 0);
}

TEST(SpeculationTest, WhatIsNotMeasuredIsTried) {
  StepCosts costs;
  costs.Observe(1, 1'000'000);
  EXPECT_GT(Drafted(0.9, costs), 0);
}

TEST(SpeculationTest, LargerStepsAreTriedByAndBy) {
  StepCosts costs;
  for (int i = 0; i < 10; ++i) costs.Observe(16, 1'000'000);
  EXPECT_EQ(Drafted(0.99, costs, 16), 1) << "32 tokens";
  for (int i = 0; i < 10; ++i) costs.Observe(32, 1'100'000);
  EXPECT_EQ(Drafted(0.99, costs, 16), 3) << "64 tokens";
  // where that was not worth it, there is no more
  for (int i = 0; i < 10; ++i) costs.Observe(64, 5'000'000);
  EXPECT_EQ(Drafted(0.99, costs, 16), 1);
}

TEST(SpeculationTest, AFirstStepThatWasSlowByChanceIsSoonForgotten) {
  // given: a step of 16 tokens that something else held up
  StepCosts costs;
  costs.Observe(1, 1'000'000);
  costs.Observe(16, 900'000'000);
  for (const int64_t tokens : {2, 4, 6, 8, 12}) costs.Observe(tokens, 900'000'000);
  EXPECT_EQ(Drafted(0.99, costs), 0);
  // when
  for (int i = 0; i < 60; ++i) costs.Observe(1, 1'000'000);
  // then
  EXPECT_GT(Drafted(0.99, costs), 0);
}

TEST(SpeculationTest, WhatWasSlowLongAgoIsTriedAgain) {
  // given
  StepCosts costs = Measured(1);
  EXPECT_EQ(Drafted(0.99, costs), 0);
  // when
  for (int i = 0; i < 1500; ++i) costs.Observe(1, 1'000'000);
  EXPECT_EQ(Drafted(0.99, costs), 0);
  for (int i = 0; i < 1000; ++i) costs.Observe(1, 1'000'000);
  // then
  EXPECT_GT(Drafted(0.99, costs), 0);
}

TEST(SpeculationTest, OneSlowStepAmongManyChangesLittle) {
  StepCosts costs = Measured(0.01);
  costs.Observe(16, 10'000'000);
  EXPECT_LT(costs.Expect(16), 4e6);
}

TEST(SpeculationTest, MeasurementsFollowWhatChanges) {
  StepCosts costs = Measured(0.01);
  for (int i = 0; i < 40; ++i) costs.Observe(16, 16'000'000);
  EXPECT_NEAR(costs.Expect(16), 16e6, 0.1e6);
  EXPECT_LT(Drafted(0.99, costs), kMostDrafted);
}

TEST(SpeculationTest, AcceptanceComesNearWhatIsRightOfLate) {
  Acceptance acceptance;
  EXPECT_GT(acceptance.rate(), 0.5);  // so that it is tried
  std::mt19937 random(1);
  std::geometric_distribution<int64_t> right(0.3);
  for (int i = 0; i < 300; ++i) acceptance.Observe(std::min<int64_t>(right(random), 8), 8);
  EXPECT_NEAR(acceptance.rate(), 0.7, 0.2);
  for (int i = 0; i < 300; ++i) acceptance.Observe(0, 1);
  EXPECT_LT(acceptance.rate(), 0.01);
  acceptance.Observe(0, 0);
  for (int i = 0; i < 10; ++i) acceptance.Observe(8, 8);
  EXPECT_GT(acceptance.rate(), 0.9);
}

// As the engine does: the cost of steps and the share of guesses that are right are found out on the way.
double GainOver(double part, double rate, uint32_t seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution is_right(rate);
  StepCosts costs;
  Acceptance acceptance;
  double ns = 0;
  int64_t made = 0;
  constexpr int kSteps = 3000;
  for (int i = 0; i < kSteps; ++i) {
    const std::vector<Guess> guesses{{acceptance.rate(), kMostDrafted}};
    const int64_t drafted = TokensToDraft(guesses, 1, costs);
    int64_t right = 0;
    while (right < drafted && is_right(random)) ++right;
    if (drafted > 0) {
      acceptance.Observe(right, drafted);
    } else {
      // the token chosen shows how the first guess would have done
      acceptance.Observe(is_right(random) ? 1 : 0, 1);
    }
    const double cost = 1e6 * (1 + part * static_cast<double>(drafted));
    costs.Observe(1 + drafted, static_cast<int64_t>(cost));
    ns += cost;
    made += 1 + right;
  }
  return static_cast<double>(made) * 1e6 / ns;
}

TEST(SpeculationTest, ItIsNeverMuchSlowerThanWithoutAndMuchFasterWhereItCanBe) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    for (const double part : {0.02, 0.3, 1.0}) {
      for (const double rate : {0.05, 0.5, 0.95}) {
        EXPECT_GT(GainOver(part, rate, seed), 0.95) << "part " << part << ", rate " << rate << ", seed " << seed;
      }
    }
    EXPECT_GT(GainOver(0.02, 0.95, seed), 6) << "seed " << seed;
    EXPECT_GT(GainOver(0.3, 0.95, seed), 1.7) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::engine
