// Graphs and their versions as text for people: which one is current, which one is tried out, how it does, and how it
// came to that. Pure.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::cli {

// One line for each graph. `width` 0 means no limit, here and below.
std::vector<std::string> RenderGraphs(const v1::ListGraphsResponse& graphs, UnixMs now_ms, int width);

// A graph's versions, its canary and its history.
std::vector<std::string> RenderVersions(const v1::ListVersionsResponse& versions, UnixMs now_ms, int width);

// "a1b2c3d4e5f6 on 10% of new tasks, begun 3 min ago: 2 of 41 failed, 1 of 380 on the current version"
std::string CanaryLine(const v1::CanaryStatus& canary, UnixMs now_ms);

}  // namespace troupe::cli
