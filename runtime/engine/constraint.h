// What a sequence may say: a mask over the vocabulary before each token. The engine asks one sequence at a time, for
// masks on a thread beside the model where that can be, else on the model thread, never on both at once. Owned by the
// request; a grammar's matcher is the one that the product uses.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/text/grammar.h"

namespace troupe::engine {

class Constraint {
 public:
  virtual ~Constraint() = default;

  // Bit (id % 32) of word (id / 32) is set where token `id` may come next; valid until the next call. An error ends the
  // sequence.
  virtual Result<std::span<const uint32_t>> AllowedMask() = 0;
  // Takes a token that the mask allowed.
  virtual Status Accept(text::TokenId id) = 0;
  // True where the text so far fits as a whole.
  virtual bool IsComplete() = 0;
  // True where nothing but an end token may follow: the sequence ends with FinishReason::kConstraint.
  virtual bool IsFinished() = 0;
  // Tokens that must come next whatever the model says; they are taken without asking it. May be empty.
  virtual std::vector<text::TokenId> ForcedTokens() { return {}; }
};

std::unique_ptr<Constraint> MakeConstraint(std::unique_ptr<text::Matcher> matcher);

}  // namespace troupe::engine
