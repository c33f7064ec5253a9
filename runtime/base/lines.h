// Texts line by line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe {

// The line that begins at byte `at`, without its line feed; `at` moves on to the next one. Nothing at the text's end: a
// line feed that ends the text begins no line.
inline std::optional<std::string_view> NextLine(std::string_view text, size_t& at) {
  if (at >= text.size()) return std::nullopt;
  const size_t end = std::min(text.find('\n', at), text.size());
  const std::string_view line = text.substr(at, end - at);
  at = end + 1;
  return line;
}

}  // namespace troupe
