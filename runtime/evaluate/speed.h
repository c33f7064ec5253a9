// How fast a decoder is on this machine, now: medians of steps, as they come one after the other.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/base/error.h"
#include "runtime/model/decoder.h"

namespace troupe::evaluate {

struct Speed {
  static constexpr std::array<int64_t, 3> kBatches{1, 4, 16};
  std::array<double, 3> tokens_s{};  // of all sequences together, one new token each a step
  double first_token_ms = 0;         // from a prompt to its first token
};

struct SpeedOptions {
  int64_t prompt = 128;  // tokens before the first one that is timed
  int64_t context = 64;  // tokens of each sequence of a batch before steps are timed
  int64_t steps = 24;
  int64_t prompts = 3;
};

// Pages that MeasureSpeed needs.
int64_t SpeedPages(const SpeedOptions& options);
// Errors: Decoder::Forward's.
Result<Speed> MeasureSpeed(model::Decoder& decoder, const SpeedOptions& options);

}  // namespace troupe::evaluate
