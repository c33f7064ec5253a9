// Which of two versions a new task runs on. By a digest of the task's own key and the canary's version, so that a
// request that is made again stays where it is, a larger share keeps those that were in the smaller one, and the next
// canary is tried out on others. Pure.
#pragma once

#include <string>
#include <string_view>

#include "router/rollout/rollout.h"

namespace troupe::rollout {

// `key` is the request_id, or the task's id where it has none. The version; empty where there is no current one.
const std::string& PickVersion(const Rollout& rollout, std::string_view key);

}  // namespace troupe::rollout
