#include "router/cache/threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace troupe::cache {
namespace {

using Answer = ThresholdLearner::Answer;

// Requests of a simulated graph: scores between 0.6 and 1, wrong the more often the lower.
class Stream {
 public:
  explicit Stream(unsigned seed) : random_(seed) {}
  // The score at which half of the answers are wrong.
  double hard_below = 0.70;
  struct Totals {
    int hits = 0, wrong = 0;
  };

  // One hit in ten is checked, every miss shows what the neighbour's answer would have been worth.
  Totals Run(ThresholdLearner& learner, int requests) {
    Totals totals;
    std::uniform_real_distribution<double> scores(0.6, 1.0), unit(0.0, 1.0);
    for (int i = 0; i < requests; ++i) {
      const double score = scores(random_);
      const bool wrong = unit(random_) < 1.0 / (1.0 + std::exp((score - hard_below) * 40));
      const Answer answer = wrong ? Answer::kWrong : Answer::kRight;
      if (score < learner.Threshold()) {
        learner.Observe(score, answer);
        continue;
      }
      ++totals.hits;
      totals.wrong += wrong ? 1 : 0;
      if (unit(random_) < 0.1) learner.Observe(score, answer, 10.0);
    }
    return totals;
  }

 private:
  std::mt19937 random_;
};

TEST(ThresholdTest, BeginsCarefullyAndStaysThereWithoutEvidence) {
  ThresholdLearner learner;
  EXPECT_EQ(learner.Threshold(), 0.95);
  for (int i = 0; i < 200; ++i) learner.Observe(0.9, Answer::kRight);
  EXPECT_EQ(learner.Threshold(), 0.95);
}

TEST(ThresholdTest, GoesDownToWhereEvidenceReaches) {
  ThresholdLearner learner;
  for (int i = 0; i < 2'000; ++i) learner.Observe(0.905, Answer::kRight);
  EXPECT_NEAR(learner.Threshold(), 0.90, 0.011);  // what it has seen: the stretch from 0.90
}

TEST(ThresholdTest, HoldsItsBoundAndStillHits) {
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
    // given
    ThresholdLearner learner;
    Stream stream(seed);
    // when
    const auto totals = stream.Run(learner, 30'000);
    // then: at a bound of 1 % the best fixed threshold would hit 60 %
    EXPECT_LE(totals.wrong, totals.hits * 0.01) << "seed " << seed;
    EXPECT_GE(totals.hits, 30'000 * 0.40) << "seed " << seed;
  }
}

TEST(ThresholdTest, FollowsWhenAnswersBecomeHarder) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    // given
    ThresholdLearner learner;
    Stream stream(seed);
    stream.Run(learner, 30'000);
    const double before = learner.Threshold();
    // when
    stream.hard_below = 0.80;
    stream.Run(learner, 20'000);
    const auto after = stream.Run(learner, 20'000);
    // then
    EXPECT_GT(learner.Threshold(), before + 0.03) << "seed " << seed;
    EXPECT_LE(after.wrong, after.hits * 0.01) << "seed " << seed;
  }
}

TEST(ThresholdTest, ClosesWhereEvenTheBestScoresAreWrongAndOpensAgain) {
  // given
  ThresholdLearner learner({.half_life = 1'000});
  // when
  for (int i = 0; i < 300; ++i) learner.Observe(0.99, i % 5 == 0 ? Answer::kWrong : Answer::kRight);
  // then
  EXPECT_GT(learner.Threshold(), 1.0);
  // when
  for (int i = 0; i < 10'000; ++i) learner.Observe(0.99, Answer::kRight);
  // then
  EXPECT_LE(learner.Threshold(), 0.99);
}

TEST(ThresholdTest, TakesNoHarmFromWhatIsNoNumber) {
  ThresholdLearner learner;
  learner.Observe(std::nan(""), Answer::kRight);
  learner.Observe(1e9, Answer::kRight, std::nan(""));
  learner.Observe(-1e9, Answer::kWrong, INFINITY);
  EXPECT_EQ(learner.Threshold(), 0.95);
  EXPECT_EQ(learner.ErrorFrom(0.5).samples, 0.0);
}

TEST(ThresholdTest, AShadowCheckCountsForTheHitsThatItStandsFor) {
  // given: one wrong answer among ten hits of which one in ten was checked
  ThresholdLearner learner;
  learner.Observe(0.97, Answer::kWrong, 10.0);
  for (int i = 0; i < 90; ++i) learner.Observe(0.97, Answer::kRight);
  // when, then
  EXPECT_NEAR(learner.ErrorFrom(0.9).wrong, 0.1, 0.01);
  EXPECT_LT(learner.ErrorFrom(0.9).samples, 91.0);
}

TEST(ThresholdLearner, GoesOnWhereItWasWrittenDown) {
  // given
  ThresholdLearner learner({.error_bound = 0.05});
  for (int i = 0; i < 500; ++i) {
    learner.Observe(0.85, i % 100 == 0 ? ThresholdLearner::Answer::kWrong : ThresholdLearner::Answer::kRight);
  }
  ASSERT_NE(learner.Threshold(), ThresholdOptions().start);
  // when
  ThresholdLearner other({.error_bound = 0.05});
  ASSERT_TRUE(other.Restore(learner.State()));
  // then
  EXPECT_EQ(other.Threshold(), learner.Threshold());
  EXPECT_EQ(other.State(), learner.State());
}

TEST(ThresholdLearner, TakesNoEvidenceThatIsNone) {
  ThresholdLearner learner;
  learner.Observe(0.9, ThresholdLearner::Answer::kRight);
  const ThresholdState whole = learner.State();
  const auto changed = [&](double weight, double wrong, double squares) {
    ThresholdState state = whole;
    state.weights[3] = weight;
    state.wrong[3] = wrong;
    state.squares[3] = squares;
    return state;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  ThresholdLearner other;
  for (const ThresholdState& state : {ThresholdState(), changed(-1, 0, 1), changed(1, 2, 1), changed(nan, 0, 1),
                                      changed(inf, 0, 1), changed(1, nan, 1), changed(1, 0, nan), changed(1, 0, -1)}) {
    EXPECT_FALSE(other.Restore(state));
  }
  EXPECT_EQ(other.State(), ThresholdLearner().State());
}

}  // namespace
}  // namespace troupe::cache
