// Whether a model, with what it works with, fits into what its process was granted of a device's memory: decided from
// its configuration before anything is loaded, so that nobody finds out in the middle of a task. Where less than was
// wanted fits, it is the length of sequences or the size of batches that gives way, never the number of slots: what an
// agent takes in it can also finish. Pure.
#pragma once

#include <cstdint>

#include "runtime/base/error.h"
#include "runtime/device/device.h"
#include "runtime/model/config.h"

namespace troupe::engine {

// Sequences that hold fewer tokens than this (or than the model knows) are no use to anybody.
constexpr int64_t kLeastContext = 256;
// Of what tensors may take, this part in a hundred stays free for what a step computes with and for gaps.
constexpr int64_t kSparePercent = 10;

// Tokens that each of `sequences` may have at once, at most `wanted`; all of them where nothing was granted. Numbers of
// the model have `number_bytes` bytes. Errors: RESOURCE_EXHAUSTED, with what it needs and what is granted, where not
// even kLeastContext fit.
Result<int64_t> ContextThatFits(const model::ModelConfig& config, int64_t number_bytes, int64_t sequences,
                                int64_t wanted, const device::Device& device);

// Tokens of a batch of an encoder's, in float32, at most `wanted`. Errors: RESOURCE_EXHAUSTED where not even one text
// of `text_tokens` fits.
Result<int64_t> BatchThatFits(const model::ModelConfig& config, int64_t text_tokens, int64_t wanted,
                              const device::Device& device);

}  // namespace troupe::engine
