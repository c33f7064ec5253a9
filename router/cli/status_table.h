// The router's graphs and their agents' replicas as a table: who is ready, on what, how busy. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/cli/screen.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::cli {

// `width` 0 means no limit.
std::vector<std::string> RenderStatus(const v1::ListGraphsResponse& graphs, int width);

// True where there is at least one graph and every replica of each is ready.
bool AllReady(const v1::ListGraphsResponse& graphs);

}  // namespace troupe::cli
