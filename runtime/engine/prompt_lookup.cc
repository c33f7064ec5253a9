#include "runtime/engine/prompt_lookup.h"

#include <algorithm>

namespace troupe::engine {
namespace {

constexpr auto kMatch = PromptLookup::kMatch;

std::span<const TokenId> Before(std::span<const TokenId> tokens, int64_t position) {
  return tokens.subspan(static_cast<size_t>(position - kMatch), static_cast<size_t>(kMatch));
}

// FNV-1a, over whole tokens.
uint64_t Hash(std::span<const TokenId> tokens) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const TokenId id : tokens) hash = (hash ^ static_cast<uint32_t>(id)) * 0x100000001b3;
  return hash;
}

}  // namespace

void PromptLookup::Index(std::span<const TokenId> tokens) {
  // What ends the tokens has nothing behind it yet.
  for (; indexed_ < static_cast<int64_t>(tokens.size()); ++indexed_) {
    behind_.insert_or_assign(Hash(Before(tokens, indexed_)), indexed_);
  }
}

std::span<const TokenId> PromptLookup::Propose(std::span<const TokenId> tokens, int64_t most) {
  proposed_.clear();
  Index(tokens);
  const auto size = static_cast<int64_t>(tokens.size());
  if (size < kMatch) return {};
  const auto last = Before(tokens, size);
  const auto found = behind_.find(Hash(last));
  if (found == behind_.end() || !std::ranges::equal(Before(tokens, found->second), last)) return {};
  // Where that runs into the end it goes on in a circle, as a sequence does that repeats itself.
  const int64_t period = size - found->second;
  for (int64_t i = 0; i < most; ++i) {
    proposed_.push_back(i < period ? tokens[static_cast<size_t>(found->second + i)]
                                   : proposed_[static_cast<size_t>(i - period)]);
  }
  return proposed_;
}

}  // namespace troupe::engine
