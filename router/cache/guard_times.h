// Dates and times of day, for the guard: "5th of May" and "May 5", "5 pm" and "17:00" are one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "router/cache/guard_tokens.h"

namespace troupe::cache {

struct TimeAt {
  std::string value;
  size_t tokens = 0;
};

// The date or time that begins at `at`; nothing where none does. Days and months alone are words of a list.
std::optional<TimeAt> TimeFrom(const std::vector<Token>& tokens, size_t at);

}  // namespace troupe::cache
