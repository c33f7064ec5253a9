// What people read of a kept answer, in a step's record.
#pragma once

#include <string>

#include "router/answers/job.h"
#include "router/cache/entry.h"
#include "router/dispatch/step.h"
#include "runtime/base/value.h"

namespace troupe::answers {

// The replica that a kept answer is said to come from.
inline constexpr const char* kCacheReplica = "cache";

// "kept answer, made 3 min ago; saved 412 tokens, 2.1 s of device time".
std::string ReasonOf(Hit hit, const cache::Entry& entry, UnixMs now_ms);

// A kept answer as the end of a step of that agent: at no cost, by a replica called kCacheReplica.
dispatch::StepOutcome OutcomeOf(Hit hit, const cache::Entry& entry, const std::string& agent,
                                const std::string& model_digest, UnixMs now_ms);

// What an agent would have streamed to give this: the text that the output is, or has.
std::string StreamedText(const Value& output);

}  // namespace troupe::answers
