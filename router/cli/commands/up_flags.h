// Options of `up` that `run --up` takes too.
#pragma once

#include <CLI/CLI.hpp>

#include "router/cli/up_session.h"

namespace troupe::cli {

void AddUpFlags(CLI::App& command, UpOptions& options);

}  // namespace troupe::cli
