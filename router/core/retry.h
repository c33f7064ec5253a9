// Whether a step that has failed is tried again, with whom, and when.
#pragma once

#include <string>

#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

struct NextTry {
  // Empty: no further try.
  std::string agent;
  // 0 for at once.
  UnixMs not_before_ms = 0;
};

// `retry_after_ms` is what the failed party asked for, 0 for nothing. From the step's attempts so far, the last of
// which has failed. The step's own agent is tried retry.max times more where the failure may pass (doubling pauses,
// never shorter than the failed party asked for), then its fallback once.
NextTry PlanNextTry(const graph::Graph& graph, const graph::Step& step, const StepRecord& record,
                    int64_t retry_after_ms, UnixMs now_ms);

}  // namespace troupe::core
