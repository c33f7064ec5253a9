#include "runtime/engine/speculation.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace troupe::engine {
namespace {

// What was seen this many guesses ago counts half as much.
constexpr double kHalfLife = 16;
// A measurement moves what is expected by this part of the difference.
constexpr double kWeight = 0.2;
// After so many steps without one, a size is tried again; sooner where it was measured but a few times, since the first
// step of a size may be slow for other reasons.
constexpr int64_t kStaleSteps = 2000;
constexpr int64_t kStaleStepsAtFirst = 50;
constexpr int64_t kFewTimes = 3;
// Less than this is not worth what else drafts cost.
constexpr double kLeastGain = 1.05;

constexpr int64_t kLengths[] = {1, 3, 5, 7, 11, kMostDrafted};

// Tokens that a step is expected to add to a sequence: its own, and of the guesses those before the first wrong one.
double Expected(const Guess& guess, int64_t most) {
  const auto tokens = static_cast<double>(std::min(guess.tokens, most));
  const double rate = std::min(guess.rate, 0.999);
  return (1 - std::pow(rate, tokens + 1)) / (1 - rate);
}

}  // namespace

void Acceptance::Observe(int64_t right, int64_t guesses) {
  static const double kKeep = std::exp2(-1 / kHalfLife);
  const int64_t known = std::min(right + 1, guesses);
  for (int64_t i = 0; i < known; ++i) {
    right_ = right_ * kKeep + (i < right ? 1 : 0);
    seen_ = seen_ * kKeep + 1;
  }
}

// One by one below 64, then 32 sizes for each doubling. Tiles take 16 rows: the step from 16 tokens to 17 costs the
// most of all, and must not be hidden in one size.
size_t StepCosts::SizeOf(int64_t tokens) {
  const auto count = static_cast<uint64_t>(std::max<int64_t>(1, tokens));
  const int shift = std::max(0, static_cast<int>(std::bit_width(count)) - 6);
  return std::min(kSizes - 1, static_cast<size_t>(shift) * 32 + static_cast<size_t>(count >> shift));
}

bool StepCosts::IsKnown(const Measured& measured) const {
  if (measured.times == 0) return false;
  return steps_ - measured.at < (measured.times <= kFewTimes ? kStaleStepsAtFirst : kStaleSteps);
}

void StepCosts::Observe(int64_t tokens, int64_t ns) {
  ++steps_;
  most_ = std::max(most_, tokens);
  Measured& measured = measured_[SizeOf(tokens)];
  const auto value = static_cast<double>(ns);
  measured.ns = IsKnown(measured) ? measured.ns + kWeight * (value - measured.ns) : value;
  measured.at = steps_;
  ++measured.times;
}

double StepCosts::Expect(int64_t tokens) const {
  const size_t size = SizeOf(tokens);
  size_t below = size;
  while (below > 0 && !IsKnown(measured_[below])) --below;
  const double least = IsKnown(measured_[below]) ? measured_[below].ns : 1;
  for (size_t above = size; above < kSizes; ++above) {
    if (!IsKnown(measured_[above])) continue;
    const double part = above == below ? 0 : static_cast<double>(size - below) / static_cast<double>(above - below);
    return least + part * (measured_[above].ns - least);
  }
  return least;
}

int64_t TokensToDraft(std::span<const Guess> guesses, int64_t tokens, const StepCosts& costs) {
  if (!costs.Knows(tokens)) return 0;
  const auto worth = [&](int64_t most) {
    double gained = static_cast<double>(tokens) - static_cast<double>(guesses.size());
    int64_t run = tokens;
    for (const Guess& guess : guesses) {
      gained += Expected(guess, most);
      run += std::min(guess.tokens, most);
    }
    return run > costs.MostToTry() ? 0.0 : gained / costs.Expect(run);
  };
  int64_t best = 0;
  double most_worth = worth(0) * kLeastGain;
  for (const int64_t length : kLengths) {
    const double value = worth(length);
    if (value <= most_worth) continue;
    best = length;
    most_worth = value;
  }
  return best;
}

}  // namespace troupe::engine
