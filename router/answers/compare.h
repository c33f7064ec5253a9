// Whether two answers to questions that seem to mean the same say the same: what a check, and a question that was not
// near enough, teach. Equal answers do. Where the agent writes freely hardly any two are equal, so there answers do too
// whose vectors are near, unless the guard finds a number, a name, a date or a negation in one that is not in the
// other.
#pragma once

#include <functional>

#include "router/answers/job.h"
#include "router/answers/world.h"
#include "router/cache/entry.h"
#include "router/dispatch/step.h"

namespace troupe::answers {

// The cosine from which two answers say the same.
constexpr double kAlikeFrom = 0.8;

// By the step's rule. `order` is one of the step's orders. `done` is called at once, or from another thread; never
// where nobody can tell: an answer is no text, or the agent that makes vectors did not make them.
void Compare(const World& world, const StepJob& job, const dispatch::StepOrder& order, const cache::Entry& given,
             const cache::Entry& own, std::function<void(bool same)> done);

}  // namespace troupe::answers
