// Shares as graphs say them. Pure.
#pragma once

#include <optional>
#include <string>

namespace troupe::graph {

// "1%" as 0.01; nothing for what is no share between the two, in percent.
std::optional<double> ParseShare(const std::string& text, double min_percent, double max_percent);

// 0.01 as "1%".
std::string ShareText(double share);

}  // namespace troupe::graph
