// An earlier task's answer as clients see it who asked for a task's.
#pragma once

#include "router/gateway/tasks.h"
#include "troupe/v1/task.pb.h"

namespace troupe::gateway {

// As a task that is done, without an id.
void FillKept(const Tasks::Kept& kept, v1::ExecuteResponse& out);
// As one record, which takes the task in and ends it.
void FillKept(const Tasks::Kept& kept, UnixMs now_ms, v1::RunResponse& out);

}  // namespace troupe::gateway
