// What a sequence is likely to say next, judged by what it holds already: where its last tokens occurred before, it may
// go on as it did then (prompt look-up decoding; Saxena, 2023). Right often where an answer repeats its prompt, as in
// extraction, correction and summaries, and where a small model repeats itself. Costs no model. One for each sequence,
// on the model thread; no torch.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/engine/request.h"

namespace troupe::engine {

class PromptLookup {
 public:
  // Tokens that must have occurred before, the last one included.
  static constexpr int64_t kMatch = 3;

  // At most `most` tokens to follow `tokens`, all that the sequence holds so far; none where its end is new. Between
  // calls `tokens` only grows. Valid until the next call.
  std::span<const TokenId> Propose(std::span<const TokenId> tokens, int64_t most);

 private:
  void Index(std::span<const TokenId> tokens);

  // Of the last place where three tokens stood: the position behind them. By a hash, so a find is to be compared.
  std::unordered_map<uint64_t, int64_t> behind_;
  int64_t indexed_ = kMatch;  // positions below this one are in it
  std::vector<TokenId> proposed_;
};

}  // namespace troupe::engine
