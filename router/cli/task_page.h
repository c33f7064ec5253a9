// A task on a page, as `get` prints it: what came in, what it cost, every step with who did it and why, what came out.
// Pure: messages in, lines out; all text of models and users is neutralised.
#pragma once

#include <string>
#include <vector>

#include "router/cli/screen.h"
#include "troupe/v1/task.pb.h"

namespace troupe::cli {

enum class Prompts {
  kFirstLine,  // one line of each rendered input
  kWhole,      // the rendered inputs and outputs as they are
};

std::vector<std::string> RenderTaskPage(const v1::GetResponse& task, const ScreenStyle& style, Prompts prompts);

}  // namespace troupe::cli
