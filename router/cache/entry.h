// What a cache keeps of one answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/clock.h"

namespace troupe::cache {

struct Entry {
  // PartitionOf its key's parts (key.h): what is purged together, and within which questions may answer each other.
  std::string partition;
  // The answer, as canonical JSON.
  std::string answer;
  // Of `answer`: entries with one digest say the same (see match.h).
  std::string answer_digest;
  // The text that was asked, where the step has a semantic cache; else empty.
  std::string question;
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
    return sizeof(Entry) + partition.size() + answer.size() + answer_digest.size() + question.size();
  }
  bool operator==(const Entry&) const = default;
};

}  // namespace troupe::cache
