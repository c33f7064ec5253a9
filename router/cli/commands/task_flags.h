// The options by which `run` and `submit` are given a task's input.
#pragma once

#include <CLI/CLI.hpp>

#include "router/cli/input.h"

namespace troupe::cli {

void AddTaskFlags(CLI::App& command, TaskFlags& flags);

}  // namespace troupe::cli
