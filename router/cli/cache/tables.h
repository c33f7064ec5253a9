// Kept answers as text for people: how often they were given again, and why one would be. Pure.
#pragma once

#include <string>
#include <vector>

#include "troupe/v1/cache.pb.h"

namespace troupe::cli {

// One line for each graph and step that was asked. `width` 0 means no limit, here and below.
std::vector<std::string> RenderCacheStats(const v1::StatsResponse& stats, int width);

// Whether it is a hit, why, and what was near.
std::vector<std::string> RenderExplained(const v1::ExplainResponse& explained, int width);

}  // namespace troupe::cli
