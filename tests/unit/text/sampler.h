// Writes texts by picking at random, from a seed, among the tokens that a matcher allows.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "runtime/text/grammar.h"
#include "runtime/text/tokenizer.h"

namespace troupe::text {

struct SampleResult {
  std::string text;
  bool ended = false;  // by an end token, not by max_tokens
};

// `lean_to_end`: how often, out of 100, to close what can be closed (quotes, brackets, the end), so that texts stay
// short.
inline SampleResult SampleText(const Grammar& grammar, const Tokenizer& tokenizer, TokenId end, uint32_t seed,
                               int max_tokens = 400, uint32_t lean_to_end = 40) {
  std::mt19937 random(seed);
  SampleResult result;
  auto matcher = grammar.NewMatcher();
  if (!matcher) {
    ADD_FAILURE() << matcher.error().message;
    return result;
  }
  for (int step = 0; step < max_tokens; ++step) {
    auto mask = (*matcher)->AllowedMask();
    if (!mask) {
      ADD_FAILURE() << mask.error().message << " after " << result.text;
      return result;
    }
    std::vector<TokenId> allowed, closing;
    for (TokenId id = 0; id < grammar.vocab_size(); ++id) {
      if (((*mask)[static_cast<size_t>(id) / 32] >> (id % 32) & 1) == 0) continue;
      allowed.push_back(id);
      std::string_view bytes = tokenizer.TokenBytes(id);
      if (id == end || bytes == "\"" || bytes == "}" || bytes == "]") closing.push_back(id);
    }
    if (allowed.empty()) {
      ADD_FAILURE() << "nothing is allowed after " << result.text;
      return result;
    }
    auto& from = !closing.empty() && random() % 100 < lean_to_end ? closing : allowed;
    TokenId id = from[random() % from.size()];
    if (auto status = (*matcher)->Accept(id); !status) {
      ADD_FAILURE() << status.error().message << " after " << result.text;
      return result;
    }
    if (id == end) {
      result.ended = true;
      EXPECT_TRUE((*matcher)->IsFinished());
      return result;
    }
    result.text += tokenizer.TokenBytes(id);
  }
  return result;
}

}  // namespace troupe::text
