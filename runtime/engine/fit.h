// Whether a model, with what it works with, fits into what its process was granted of a device's memory: decided from
// its configuration before anything is loaded, so that nobody finds out in the middle of a task. Where less than was
// wanted fits, it is the number of pages, the length of sequences or the size of batches that gives way, never the
// number of slots. What an agent takes in it can also finish: one sequence of the longest always fits, and where many
// do not, some wait for others (scheduler.h). Pure.
#pragma once

#include <cstdint>

#include "runtime/base/error.h"
#include "runtime/device/device.h"
#include "runtime/model/config.h"
#include "runtime/model/decoder_bytes.h"

namespace troupe::engine {

// Sequences that hold fewer tokens than this (or than the model knows) are no use to anybody.
constexpr int64_t kLeastContext = 256;
// Of what tensors may take, this part in a hundred stays free for what a step computes with and for gaps.
constexpr int64_t kSparePercent = 10;

// Where nothing was granted: of what the device has free, pages take this part in a hundred at most. Main memory is
// shared with whoever else is there, and taken page by page; a card's is taken at once.
constexpr int64_t kPagesPercentOfCpu = 25;
constexpr int64_t kPagesPercentOfGpu = 60;

// What sequences have to themselves.
struct Room {
  int64_t pages = 0;
  int64_t context = 0;  // tokens of the longest sequence, which fits into the pages
};
// Room for `sequences` of `wanted` tokens (at least 1), or what there is. `max_pages` bounds it; 0: nothing does.
// Errors: RESOURCE_EXHAUSTED, with what it needs and what is granted, where not even one sequence of kLeastContext
// fits.
Result<Room> RoomThatFits(const model::DecoderBytes& bytes, int64_t sequences, int64_t wanted, int64_t max_pages,
                          const device::Device& device);

// Tokens of a batch of an encoder's, in float32, at most `wanted`. Errors: RESOURCE_EXHAUSTED where not even one text
// of `text_tokens` fits.
Result<int64_t> BatchThatFits(const model::ModelConfig& config, int64_t text_tokens, int64_t wanted,
                              const device::Device& device);

}  // namespace troupe::engine
