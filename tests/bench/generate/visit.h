// One visit of a target, and the lines in which bench_generate and bench_generate_product speak of it: each line on
// stdin is one JSON object (or the number of sequences alone), each line on stdout answers one.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "tests/bench/generate/timing.h"

namespace troupe::bench {

enum class Writes {
  kAllTokens,    // end tokens do not end an answer
  kUntilTheEnd,  // as the product does: prompts go in as text, an end token ends the answer
  kJson,         // structured output that goes on for as long as it may
};

struct Visit {
  int64_t sequences = 1;
  int64_t prompt_tokens = 128;
  int64_t new_tokens = 64;
  // Number of the first prompt (prompts.h); the others follow it. -1: those after the last visit's.
  int64_t first = -1;
  // So many tokens before each prompt are the same in all, those of prompt `shared_first`; 0: none.
  int64_t shared_tokens = 0;
  int64_t shared_first = 0;
  // So many of each prompt's own tokens come again behind it, so that a model goes on to repeat the rest; 0: none.
  int64_t repeated_tokens = 0;
  Writes writes = Writes::kAllTokens;
};

// "4", or {"sequences": 4, "prompt_tokens": 128, "new_tokens": 64, "first": 0, "shared_tokens": 0, "shared_first": 0,
// "repeated_tokens": 0, "writes": "all" | "text" | "json"}, each of them optional. INVALID_ARGUMENT naming what is wrong.
Result<Visit> ReadVisit(const Value& line);

// {"pp_tok_s", "tg_tok_s", "out_tok_s", "ttft_ms", "tokens"} and what `more` has.
Value ToValue(const Speed& speed, Value more = Value::object());

// User and system time of this process, microseconds, and its resident memory, MiB.
int64_t OwnCpuUs();
double OwnRssMib();

}  // namespace troupe::bench
