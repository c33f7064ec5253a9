#include "runtime/evaluate/table_parts.h"

#include <cstdio>

namespace troupe::evaluate {

std::string Format(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Megabytes(int64_t bytes) { return Format("%.1f", static_cast<double>(bytes) / 1e6); }

std::string Line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string Rule(size_t columns) { return Line(std::vector<std::string>(columns, "---")); }

}  // namespace troupe::evaluate
