// The flag of benchmarks that run a model themselves.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "runtime/engine/compute.h"

namespace troupe::bench {

// --compute, by the names that graphs use.
inline void AddCompute(CLI::App& app, engine::Compute& compute) {
  app.add_option_function<std::string>(
      "--compute",
      [&compute](const std::string& name) {
        const auto found = engine::ComputeFromName(name);
        if (!found) throw CLI::ValidationError("--compute", name + " is none of " + engine::ComputeNames());
        compute = *found;
      },
      "the number format to compute in: " + engine::ComputeNames());
}

}  // namespace troupe::bench
