// Numbers in digits and in words, for the guard: "1,000", "a thousand" and "1k" are one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "router/cache/guard_tokens.h"

namespace troupe::cache {

struct NumberAt {
  // Decimal, without separators of thousands or zeros that say nothing: "1000", "0.5".
  std::string value;
  // "third", "3rd".
  bool ordinal = false;
  // The words that it takes.
  size_t tokens = 0;
};

// The number that begins at `at`; nothing where none does.
std::optional<NumberAt> NumberFrom(const std::vector<Token>& tokens, size_t at);

// Digits with ',' and '.' to their plain form.
std::string PlainDigits(std::string_view digits);

}  // namespace troupe::cache
