// Decompose steps that need no agent: lists and windows are functions of the text, so the core does them itself and the
// parts are recorded as its decision.
#pragma once

#include <string>

#include "router/graph/graph.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::core {

// A list of {text, index}, with {start, end} for windows. Errors: OUT_OF_RANGE where a document has more windows than
// the step's max; the message goes on after "step 'x' ".
Result<Value> TakeApart(const graph::DecomposeStep& step, const std::string& text);

}  // namespace troupe::core
