// Asks an agent of kind embed for vectors of texts, as a piece of work of its own beside a step's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "router/answers/job.h"
#include "router/dispatch/text_run.h"

namespace troupe::answers {

// `done` gets what the agent gave, and what that cost; never called within this call. `order` is the step's own, and
// `key` what is added to its key.
using OnEmbedded = std::function<void(Result<Value>, const core::Usage&)>;
std::shared_ptr<dispatch::StepCall> Embed(const dispatch::Starter& start, dispatch::StepOrder order, const StepJob& job,
                                          const std::string& key, const std::vector<std::string>& texts,
                                          OnEmbedded done);

// The vectors of {vectors: [[...], ...]}, so many and of one width; none for anything else.
std::vector<std::vector<float>> VectorsOf(const Value& embedded, size_t count);

// The guard can read the question: one that it cannot read is answered by nothing but itself.
bool IsReadable(const std::string& question);

}  // namespace troupe::answers
