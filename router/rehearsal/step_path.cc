#include "router/rehearsal/step_path.h"

namespace troupe::rehearsal {

bool Fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    if (pattern.starts_with("[*]") && path.front() == '[') {
      const size_t end = path.find(']');
      if (end == std::string_view::npos) return false;
      pattern.remove_prefix(3);
      path.remove_prefix(end + 1);
    } else if (pattern.front() == path.front()) {
      pattern.remove_prefix(1);
      path.remove_prefix(1);
    } else {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

std::string WithoutRounds(std::string_view path) {
  std::string plain;
  int depth = 0;
  for (const char c : path) {
    if (c == '[') ++depth;
    if (depth == 0) plain += c;
    if (c == ']' && depth > 0) --depth;
  }
  return plain;
}

}  // namespace troupe::rehearsal
