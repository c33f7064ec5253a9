// How soon the place of a cancelled step is free: a short step waits behind a long one at an agent with one place; the
// long one is cancelled in the middle; the short one's end tells, less what it takes alone.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

// What is handed in: inputs of the graph "cancel".
struct Inputs {
  // Says many tokens.
  std::string long_json;
  // Says next to nothing.
  std::string short_json;
};

struct SlotTimes {
  // From the call of Cancel to the place being free, one a trial.
  std::vector<double> free_ms;
  // One token of the long step, the median of what its watcher saw.
  double step_ms = 0.0;
  // The short step alone.
  double alone_ms = 0.0;
};

// `agent` is the address of its host, for knowing that the short step waits there.
Result<SlotTimes> MeasureSlot(const std::string& router, const std::string& agent, const Inputs& inputs, int trials);

}  // namespace troupe::bench
