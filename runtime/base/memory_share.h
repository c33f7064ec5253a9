// How much of a device's memory a process is granted, as people write it: "6GiB" or "40%". Graphs and command lines
// state it, `troupe up` adds the shares of a card up, an agent keeps to its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

struct MemoryShare {
  // At most one is above 0; both 0 where nothing is said.
  int64_t bytes = 0;
  // Of the memory that the device has in all, 1 to 100.
  int percent = 0;

  bool stated() const { return bytes > 0 || percent > 0; }
  bool operator==(const MemoryShare&) const = default;
};

// "512MiB", "1.5GiB", "2TiB" (powers of 1,024), "40%" (whole, 1 to 100); a blank may stand before the unit. Errors:
// INVALID_ARGUMENT, ready to follow the name of what was written: "must be ... such as 6GiB or 40%, got '6GB'; ...".
Result<MemoryShare> ParseMemoryShare(std::string_view text);

// The same, and 0, as bytes; no share. Errors: INVALID_ARGUMENT likewise.
Result<int64_t> ParseMemoryBytes(std::string_view text);

// As ParseMemoryShare reads it: "40%", "6GiB", "1536MiB". Bytes that are no whole MiB are told rounded; empty for
// nothing said.
std::string ToString(const MemoryShare& share);

// In bytes on a device with `total_bytes` in all; 0 for nothing said.
int64_t BytesOf(const MemoryShare& share, int64_t total_bytes);

// "6.0 GiB", "512 MiB": for messages. Below a GiB whole MiB, rounded up.
std::string MemoryText(int64_t bytes);

}  // namespace troupe
