#include "router/cache/threshold.h"

#include <algorithm>
#include <cmath>

namespace troupe::cache {
namespace {
// Observations without which a stretch of scores is unknown.
constexpr double kSeen = 10.0;
// Wrong ones without which nothing speaks against where it began: two, a little faded.
constexpr double kWrongSeen = 1.9;
}  // namespace

void ThresholdLearner::Use(const ThresholdOptions& options) {
  options_ = options;
  fade_ = std::exp2(-1.0 / std::max(1.0, options.half_life));
  threshold_ = Decide();
}

int ThresholdLearner::BinOf(double score) {
  // a score that is no number is the worst one
  if (!(score > 0.0)) return 0;
  return std::min(kBins - 1, static_cast<int>(score * kBins));
}

void ThresholdLearner::Observe(double score, Answer answer, double weight) {
  if (!(weight > 0.0) || !std::isfinite(weight)) return;
  for (Bin& bin : bins_) {
    bin.weight *= fade_;
    bin.wrong *= fade_;
    bin.squares *= fade_ * fade_;
  }
  Bin& bin = bins_[static_cast<size_t>(BinOf(score))];
  bin.weight += weight;
  bin.squares += weight * weight;
  if (answer == Answer::kWrong) bin.wrong += weight;
  threshold_ = Decide();
}

ThresholdState ThresholdLearner::State() const {
  ThresholdState state;
  for (const Bin& bin : bins_) {
    state.weights.push_back(bin.weight);
    state.wrong.push_back(bin.wrong);
    state.squares.push_back(bin.squares);
  }
  return state;
}

bool ThresholdLearner::Restore(const ThresholdState& state) {
  if (state.weights.size() != kBins || state.wrong.size() != kBins || state.squares.size() != kBins) return false;
  std::array<Bin, kBins> bins{};
  for (size_t i = 0; i < kBins; ++i) {
    bins[i] = {state.weights[i], state.wrong[i], state.squares[i]};
    const bool is_evidence = bins[i].weight >= 0.0 && bins[i].wrong >= 0.0 && bins[i].wrong <= bins[i].weight &&
                             bins[i].squares >= 0.0 && std::isfinite(bins[i].weight) && std::isfinite(bins[i].squares);
    if (!is_evidence) return false;
  }
  bins_ = bins;
  threshold_ = Decide();
  return true;
}

// Weighted samples are worth as many equal ones as Kish's formula says (Survey Sampling, 1965).
ThresholdLearner::Estimate ThresholdLearner::Of(const Bin& sum) const {
  Estimate estimate;
  if (sum.weight <= 0.0 || sum.squares <= 0.0) return estimate;
  const double n = sum.weight * sum.weight / sum.squares, z2 = options_.confidence * options_.confidence;
  const double p = sum.wrong / sum.weight;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double reach = options_.confidence / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {p, std::max(0.0, middle - reach), std::min(1.0, middle + reach), n};
}

ThresholdLearner::Estimate ThresholdLearner::ErrorFrom(double score) const {
  Bin sum;
  for (int i = BinOf(score); i < kBins; ++i) {
    const Bin& bin = bins_[static_cast<size_t>(i)];
    sum = {sum.weight + bin.weight, sum.wrong + bin.wrong, sum.squares + bin.squares};
  }
  return Of(sum);
}

double ThresholdLearner::Decide() const {
  double found = 2.0;
  bool is_start_bad = false;
  Bin sum;
  for (int i = kBins - 1; i >= BinOf(options_.lowest); --i) {
    const Bin& bin = bins_[static_cast<size_t>(i)];
    sum = {sum.weight + bin.weight, sum.wrong + bin.wrong, sum.squares + bin.squares};
    const Estimate estimate = Of(sum);
    // where nothing was seen nothing is known, however good the scores above are
    if (bin.weight >= kSeen && estimate.upper <= options_.error_bound) found = static_cast<double>(i) / kBins;
    // one that was wrong may be chance
    if (i == BinOf(options_.start)) {
      is_start_bad = estimate.lower > options_.error_bound && estimate.wrong * estimate.samples >= kWrongSeen;
    }
  }
  if (found <= 1.0) return std::max(found, options_.lowest);
  // no evidence for any threshold: is there evidence against the first one?
  return is_start_bad ? 2.0 : options_.start;
}

}  // namespace troupe::cache
