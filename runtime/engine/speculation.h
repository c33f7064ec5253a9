// Whether to let the model look at tokens that are only guessed, and how many: speculative decoding with exact
// acceptance (Leviathan et al., 2023; arXiv:2211.17192). Several tokens in one step cost more than one, by how much
// depends on the device, the weights' format and who else is there; they are worth it where enough of them turn out
// right. Both are measured as the engine works, and drafts are as long as has paid off so far, or there are none.
//
// Guesses change no answer: a draft's token counts only where the sampler chooses the same one. No clock, no torch.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace troupe::engine {

enum class Speculation : uint8_t {
  kOff,
  kAuto,    // where it is measured to be faster
  kAlways,  // wherever there is a guess: for tests and measuring
};

// Tokens in a draft at most: with the one before them no more than a decoder computes as if one by one.
constexpr int64_t kMostDrafted = 15;

// How often guesses for one sequence turn out right, of late.
class Acceptance {
 public:
  // Of `guesses` in a row the first `right` ones were; what follows a wrong one is not known.
  void Observe(int64_t right, int64_t guesses);
  double rate() const { return right_ / seen_; }

 private:
  // Worth a try at first.
  double right_ = 3;
  double seen_ = 4;
};

// How long a step of the model takes by how many tokens are in it.
class StepCosts {
 public:
  void Observe(int64_t tokens, int64_t ns);
  // Measured, and not long ago.
  bool Knows(int64_t tokens) const { return IsKnown(measured_[SizeOf(tokens)]); }
  // Nanoseconds. What was not measured, or long ago, lies between what was; more than ever was is taken to cost no
  // more, so that it is tried.
  double Expect(int64_t tokens) const;
  // Up to here a step may be tried: twice as many tokens as ever were in one. The first step of a size may take ten
  // times as long as it will, and of one far too large it would be for nothing.
  int64_t MostToTry() const { return 2 * most_; }

 private:
  static constexpr size_t kSizes = 256;
  static size_t SizeOf(int64_t tokens);
  struct Measured {
    double ns = 0;
    int64_t at = 0;     // in steps
    int64_t times = 0;  // 0: never
  };
  bool IsKnown(const Measured& measured) const;

  std::array<Measured, kSizes> measured_;
  int64_t steps_ = 0;
  int64_t most_ = 0;  // tokens
};

// A sequence that runs its next token in the step.
struct Guess {
  double rate = 0;     // of its acceptance
  int64_t tokens = 0;  // that are guessed for it
};

// Of each guess, so many tokens at most make the step the most worth, per nanosecond; 0: it is best without. `tokens`
// are in the step without guesses: how long that takes is measured first.
int64_t TokensToDraft(std::span<const Guess> guesses, int64_t tokens, const StepCosts& costs);

}  // namespace troupe::engine
