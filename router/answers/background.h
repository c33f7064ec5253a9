// Work that no task waits for: a new answer in place of an old one, a check, what an answer teaches.
#pragma once

#include "router/dispatch/step.h"

namespace troupe::answers {

// The order as one of nobody's, with its own name, place in line and time.
dispatch::StepOrder ForNobody(dispatch::StepOrder order);

}  // namespace troupe::answers
