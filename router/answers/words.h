// What people read of a kept answer, in a step's record.
#pragma once

#include <string>

#include "router/answers/job.h"
#include "router/cache/entry.h"
#include "runtime/base/value.h"

namespace troupe::answers {

// "kept answer, made 3 min ago; saved 412 tokens, 2.1 s of device time".
std::string ReasonOf(Hit hit, const cache::Entry& entry, UnixMs now_ms);

// What an agent would have streamed to give this: the text that the output is, or has.
std::string StreamedText(const Value& output);

}  // namespace troupe::answers
