// Inputs that are too large for one message, sent ahead in pieces.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "troupe/v1/task.grpc.pb.h"

namespace troupe::client {

// What goes with the request itself; more is uploaded.
inline constexpr size_t kMaxInlineBytes = 3u << 20;

// Sends `bytes` in one call; the digest to refer to them by. What the router has already is not sent again. Errors:
// RESOURCE_EXHAUSTED beyond the router's limits, UNAVAILABLE; the same call may be made again after each.
Result<std::string> Upload(v1::TaskService::Stub& tasks, std::string_view bytes, std::chrono::milliseconds time);

}  // namespace troupe::client
