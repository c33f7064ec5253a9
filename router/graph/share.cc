#include "router/graph/share.h"

#include <charconv>
#include <cstdio>

namespace troupe::graph {

std::optional<double> ParseShare(const std::string& text, double min_percent, double max_percent) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  double percent = 0.0;
  const char* end = text.data() + text.size() - 1;
  const auto [stop, failed] = std::from_chars(text.data(), end, percent);
  if (failed != std::errc() || stop != end || !(percent >= min_percent && percent <= max_percent)) return std::nullopt;
  return percent / 100.0;
}

std::string ShareText(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%g%%", share * 100.0);
  return text;
}

}  // namespace troupe::graph
