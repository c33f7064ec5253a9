// The threshold of one graph's semantic cache, learnt so that at most a set share of its hits is wrong. Evidence comes
// from three sides: shadow checks on a sample of hits, what people say of answers, and every miss that had a neighbour,
// whose own answer shows whether the neighbour's would have been right. So it learns below the threshold too, at no
// cost.
//
// It begins where almost nothing is wrong and moves only on evidence: the threshold is the lowest at which the upper
// confidence bound of the share of wrong hits (Wilson, 1927) is within the bound. Old evidence fades, so that it
// follows when questions or answers change. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace troupe::cache {

// Evidence as it can be written down: what a stretch of scores has seen, lowest scores first.
struct ThresholdState {
  std::vector<double> weights, wrong, squares;

  bool operator==(const ThresholdState&) const = default;
};

struct ThresholdOptions {
  // Wrong hits among all hits, at most.
  double error_bound = 0.01;
  // The threshold while there is too little evidence.
  double start = 0.95;
  // Never below.
  double lowest = 0.70;
  // Standard deviations of the bound: 2.33 is 99 % on one side.
  double confidence = 2.33;
  // Observations after which one counts half.
  double half_life = 10'000;

  bool operator==(const ThresholdOptions&) const = default;
};

class ThresholdLearner {
 public:
  explicit ThresholdLearner(const ThresholdOptions& options = {}) { Use(options); }

  // Other options from now on, of the same evidence.
  void Use(const ThresholdOptions& options);
  const ThresholdOptions& options() const { return options_; }

  enum class Answer { kRight, kWrong };
  // `weight`: how many hits this one stands for; a shadow check of one hit in ten stands for ten.
  void Observe(double score, Answer answer, double weight = 1.0);

  // Scores from here on may be hits. Above 1 where even the start's are too often wrong: nothing is a hit until that
  // changes.
  double Threshold() const { return threshold_; }

  ThresholdState State() const;
  // In place of all that was seen before. False where that is no state of a learner: then nothing changes.
  bool Restore(const ThresholdState& state);

  struct Estimate {
    double wrong = 0.0;  // share
    double lower = 0.0, upper = 1.0;
    double samples = 0.0;  // independent ones that the evidence is worth
  };
  // Of hits with at least that score.
  Estimate ErrorFrom(double score) const;

 private:
  // Scores of one stretch, faded.
  struct Bin {
    double weight = 0.0, wrong = 0.0, squares = 0.0;
  };
  static constexpr int kBins = 100;
  static int BinOf(double score);
  Estimate Of(const Bin& sum) const;
  double Decide() const;

  ThresholdOptions options_;
  double fade_;
  std::array<Bin, kBins> bins_{};
  double threshold_;
};

}  // namespace troupe::cache
