// How well a model predicts real text, and how far it is from the full model that it was made of.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/model/decoder.h"

namespace troupe::evaluate {

struct Quality {
  int64_t tokens = 0;     // predicted: all of a text but its first
  double surprise = 0;    // mean negative log-likelihood of the next token, nats
  double perplexity = 0;  // e to the surprise
  double agreement = 0;   // share of tokens for which both find the same next token likeliest, 0 to 1
  double divergence = 0;  // mean KL(full || this) of the next token's distribution, nats
};

// `texts` are of token ids, at least 2 each; every decoder has pages for the longest. The first decoder is the full
// model. Texts are run one by one, each by all decoders, so that only one text's logits are in memory. `progress` is
// called with the share done, 0 to 1. Errors: Decoder::Forward's; INVALID_ARGUMENT where vocabularies differ.
Result<std::vector<Quality>> Compare(std::span<model::Decoder* const> decoders,
                                     std::span<const std::vector<int32_t>> texts,
                                     const std::function<void(double)>& progress);

}  // namespace troupe::evaluate
