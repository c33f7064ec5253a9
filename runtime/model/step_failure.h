// What went wrong in a step of the model, from what libtorch threw.
#pragma once

#include <exception>

#include "runtime/base/error.h"

namespace troupe::model {

// RESOURCE_EXHAUSTED where memory ran out, on whatever device: fewer tokens at a time may do. Else INTERNAL.
Error StepFailure(const std::exception& thrown);

}  // namespace troupe::model
