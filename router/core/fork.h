// A copy of a task that begins anew where a step started: the records before that, to be folded, and the event that led
// to the start, to be decided on once more. Pure, like the rest of the core.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/core/task.h"

namespace troupe::core {

struct Fork {
  // As copied: what ran beside the step then and had not ended is under way again.
  std::vector<Record> before;
  // What the shell hands to Decide after folding those.
  Event event;
};

// `records` are those of one task, from the first on; `path` a step ("handle[2].answer[0].draft"), one that holds steps
// ("handle") or a round of it ("handle[2]"). The copy's times are moved so that the moment of the start becomes
// `now_ms`, so that a deadline leaves as much time as it left then. Errors: NOT_FOUND for a path that never came up,
// FAILED_PRECONDITION for a step that was left out, DATA_LOSS where the records are not one task's from its start.
Result<Fork> ForkBefore(std::span<const Record> records, std::string_view path, UnixMs now_ms,
                        const std::string& request_id);

// Everything that a copy may begin at: for messages.
std::set<std::string> ForkPoints(std::span<const Record> records);

}  // namespace troupe::core
