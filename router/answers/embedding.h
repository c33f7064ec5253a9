// Asks an agent of kind embed for the vector of a question, as a piece of work of its own beside the step's.
#pragma once

#include <functional>
#include <memory>

#include "router/answers/job.h"
#include "router/dispatch/text_run.h"

namespace troupe::answers {

// `done` gets what the agent gave, and what that cost; never called within this call. `order` is the step's own.
using OnEmbedded = std::function<void(Result<Value>, const core::Usage&)>;
std::shared_ptr<dispatch::StepCall> Embed(const dispatch::Starter& start, dispatch::StepOrder order, const StepJob& job,
                                          OnEmbedded done);

// The guard can read the question: one that it cannot read is answered by nothing but itself.
bool IsReadable(const std::string& question);

}  // namespace troupe::answers
