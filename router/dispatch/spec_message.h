// An agent's spec as the message that its process is started by.
#pragma once

#include "router/graph/resolve.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::dispatch {

v1::AgentSpec ToMessage(const graph::AgentSpec& spec);

}  // namespace troupe::dispatch
