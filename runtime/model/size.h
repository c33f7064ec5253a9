// How large a model is, from its configuration alone: asked before anything is loaded. Pure, no torch.
#pragma once

#include <cstdint>

#include "runtime/model/config.h"

namespace troupe::model {

// Numbers in its weights: what parameters() of the loaded model gives. At most kMostNumbers, however large a
// configuration makes itself.
int64_t ParametersOf(const ModelConfig& config);

// Numbers that one token of a sequence takes in a decoder's pages (decoder.h), in all layers; at most kMostNumbers.
int64_t CacheNumbersOf(const ModelConfig& config);

// Times any number format it stays below 2^63.
constexpr int64_t kMostNumbers = int64_t{1} << 50;

}  // namespace troupe::model
