// When the tokens of several answers came, and what that says of speed. Pure.
//
// Prompts and answers overlap: a sequence that has read its prompt writes while others still read theirs. Writing is
// therefore counted from the moment when the last prompt was read, as llama-batched-bench does, which has no overlap.
#pragma once

#include <cstdint>
#include <vector>

namespace troupe::bench {

// Tokens that came together.
struct Arrival {
  int64_t at_ns = 0;
  int64_t tokens = 0;
};

// One answer, in order.
struct AnswerTimes {
  int64_t asked_ns = 0;
  int64_t prompt_tokens = 0;
  std::vector<Arrival> arrivals;
};

// Tokens per second, milliseconds. 0 where there was nothing to count: without answers, or with one token each.
struct Speed {
  double prompt = 0.0;          // tokens of all prompts, until the last one was read
  double decode = 0.0;          // tokens of all answers after that
  double out = 0.0;             // tokens of all answers, over all the time
  double first_token_ms = 0.0;  // median over the answers
  int64_t tokens = 0;           // of all answers
};

// Answers without a token are left out.
Speed SpeedOf(const std::vector<AnswerTimes>& answers);

}  // namespace troupe::bench
