// A task as a picture: one row for each step, one bar for each attempt, time from left to right. SVG, readable on light
// and dark backgrounds, no scripts; text of models and users is escaped and neutralised. RenderTimeline is pure.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "troupe/v1/task.pb.h"

namespace troupe::cli {

std::string RenderTimeline(const v1::GetResponse& task);

// Errors: FAILED_PRECONDITION where the file cannot be written.
Status WriteTimeline(const v1::GetResponse& task, const std::string& path);

}  // namespace troupe::cli
