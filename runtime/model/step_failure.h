// What went wrong while a model worked or was loaded, from what libtorch or the allocator threw.
#pragma once

#include <exception>
#include <string>

#include "runtime/base/error.h"

namespace troupe::model {

// What was thrown, without the trace of calls that libtorch puts behind it.
std::string FirstLine(const std::exception& thrown);

// RESOURCE_EXHAUSTED where memory ran out, on whatever device: fewer tokens at a time may do. Else INTERNAL.
Error StepFailure(const std::exception& thrown);

}  // namespace troupe::model
