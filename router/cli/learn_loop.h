// `troupe learn loop`: does what router/learn/loop.h decides, and looks again once a second. All that it has to
// remember is in the loop's folder, so it may be killed at any moment and started again. A router that is away is
// waited for. Main thread only; ends when it is asked to, or where something needs a person.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "router/cli/learn_round.h"
#include "router/learn/rounds_file.h"

namespace troupe::cli {

struct LoopOptions {
  RoundTools tools;
  std::string router;
  // A line for everything that happens.
  std::function<void(const std::string&)> say;
};

// Until `tools.stopped`, or somebody asks by 'troupe learn stop'. Errors: those of the round that cannot go on, and of
// the folder.
Status RunLoop(LoopOptions options);

// What a loop has done, as a table.
std::vector<std::string> RenderRounds(const learn::LoopState& state, int width);

}  // namespace troupe::cli
