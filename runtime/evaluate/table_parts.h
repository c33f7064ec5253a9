// Private to runtime/evaluate: what tables in Markdown are made of. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::evaluate {

// One number, as printf says.
std::string Format(const char* format, double value);
std::string Megabytes(int64_t bytes);
std::string Line(const std::vector<std::string>& cells);
// The line below a table's head.
std::string Rule(size_t columns);

}  // namespace troupe::evaluate
