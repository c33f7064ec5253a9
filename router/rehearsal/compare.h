// What a task did against what its case expects. Pure.
#pragma once

#include <string>
#include <vector>

#include "router/rehearsal/suite.h"
#include "troupe/v1/task.pb.h"

namespace troupe::rehearsal {

// One expectation that does not hold.
struct Difference {
  // "output $.parts[0].skill", "attempts at handle[0].draft"
  std::string what;
  std::string expected;
  std::string got;
  graph::Position position;
};

// In the order of the file. `task` has ended.
std::vector<Difference> Compare(const Expected& expected, const v1::GetResponse& task);

// Attempts in all: what `cost: {calls: ...}` counts.
int64_t CallsOf(const v1::GetResponse& task);

}  // namespace troupe::rehearsal
