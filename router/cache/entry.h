// What a cache keeps of one answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/clock.h"

namespace troupe::cache {

struct Entry {
  // The answer, as canonical JSON.
  std::string answer;
  // Of `answer`, or of another that says the same: entries with one digest say the same (see match.h).
  std::string answer_digest;
  // Where answers are also given by meaning: the text that was asked, the partition within which questions may answer
  // each other, and the question's vector, coded (coded_vector.h). Else empty. Memory keeps vectors in an index
  // instead.
  std::string question;
  std::string partition;
  std::string vector;
  // When the answer was made.
  UnixMs made_at_ms = 0;
  // For how long it is fresh, and for how long after that it may still be given while a new one is made; 0 for ever,
  // and not at all.
  int64_t ttl_ms = 0;
  int64_t stale_ms = 0;
  // What making it cost, and so what a hit saves.
  int64_t device_ms = 0;
  int64_t tokens = 0;
  int64_t money_micros = 0;

  // What it takes in memory, roughly: its texts and what goes with an entry.
  size_t bytes() const {
    return sizeof(Entry) + answer.size() + answer_digest.size() + question.size() + partition.size() + vector.size();
  }
  bool operator==(const Entry&) const = default;
};

}  // namespace troupe::cache
