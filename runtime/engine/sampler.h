// Chooses the next token from a row of logits. One for each sequence, on the model thread; no torch. Given the same
// seed, history and logits it always chooses the same token: the draw is a function of the seed and the position.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/engine/request.h"

namespace troupe::engine {

class Sampler {
 public:
  explicit Sampler(const SamplingParams& params) : params_(params) {}

  // What was said so far; generated tokens also count for the presence and frequency penalties.
  void AddPrompt(TokenId id) { history_.push_back(id); }
  void AddGenerated(TokenId id);

  // Chooses; `logits` (one a token of the vocabulary) is used up. `mask`: as Constraint::AllowedMask gives it; ids
  // beyond it are not allowed. `position`: which token of the answer this is, from 0. Errors: INTERNAL for logits that
  // are NaN or infinite, or where nothing is allowed.
  Result<GeneratedToken> Sample(std::span<float> logits, std::optional<std::span<const uint32_t>> mask,
                                int64_t position);

 private:
  // True where it may have changed any.
  bool ApplyPenalties(std::span<float> logits) const;
  TokenId Draw(std::span<const float> logits, float highest, int64_t position);

  SamplingParams params_;
  std::vector<TokenId> history_;
  std::unordered_map<TokenId, int32_t> generated_counts_;
  std::vector<std::pair<float, TokenId>> candidates_;  // kept for its memory
};

// In [0, 1), evenly, from a seed and a position (SplitMix64's mixing function; Steele, Lea and Flood, 2014).
double UniformDraw(uint64_t seed, uint64_t position);

}  // namespace troupe::engine
