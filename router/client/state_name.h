// Where a task or a step stands, in the words that people see everywhere: in lists, on pages, on screens, in reports of
// cases. Pure.
#pragma once

#include "troupe/v1/task.pb.h"

namespace troupe::client {

// "running", "done", ...; "unknown" for one that this release does not know.
const char* StateName(v1::TaskState state);
const char* StateName(v1::StepState state);

}  // namespace troupe::client
