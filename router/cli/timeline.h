// A task as a picture of its steps over time: the router's answer turned into what router/graph draws.
#pragma once

#include <string>
#include <vector>

#include "router/graph/draw.h"
#include "runtime/base/error.h"
#include "troupe/v1/task.pb.h"

namespace troupe::cli {

// One row for each attempt, in the order of the steps; text is neutralised. Pure.
std::vector<graph::TimelineRow> TimelineRows(const v1::GetResponse& task);

// Writes it as SVG. Errors: FAILED_PRECONDITION where the file cannot be written.
Status WriteTimeline(const v1::GetResponse& task, const std::string& path);

}  // namespace troupe::cli
