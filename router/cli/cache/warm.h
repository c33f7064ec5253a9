// `troupe cache warm`: runs a file's questions as tasks of the lowest priority, so that their answers are kept before
// anybody asks. Some at once, each on a connection of its own. Where an answer is kept already no task is made.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cli {

struct WarmOptions {
  std::string router;
  std::string graph;
  // Tasks at once.
  int at_once = 4;
};

struct Warmed {
  int made = 0;
  int kept_before = 0;
  int failed = 0;
  // The first task's that failed.
  std::string problem;
};

// The inputs in a file of JSON lines; empty lines are left out. Errors: INVALID_ARGUMENT naming the line.
Result<std::vector<std::string>> ReadInputs(const std::string& path);

// `told` hears of each task that has ended. Errors: where no router answers.
Result<Warmed> Warm(const WarmOptions& options, const std::vector<std::string>& inputs,
                    const std::function<void(const Warmed&)>& told);

}  // namespace troupe::cli
