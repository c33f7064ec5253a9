// Strong types for ids, so that a task's id is never passed where a graph's version is meant.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace troupe {

template <typename Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;
};

using TaskId = Id<struct TaskTag>;
// sha256 of a graph's resolved content, lower-case hex.
using GraphVersion = Id<struct GraphVersionTag>;

// A UUID of version 7 (RFC 9562): sorts by time, then by `random` (74 bits are used).
std::string MakeUuid7(int64_t unix_ms, uint64_t random_high, uint64_t random_low);

// MakeUuid7 from the system's clock and random source.
std::string NewUuid7();

}  // namespace troupe

template <typename Tag>
struct std::hash<troupe::Id<Tag>> {
  size_t operator()(const troupe::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
