// `troupe-agent serve`: from a spec file to a served agent, and back down in order.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "agents/host/spec.h"
#include "runtime/base/error.h"

namespace troupe::host {

struct ServeOptions {
  std::filesystem::path spec;
  // "unix:/path" or "host:port"; port 0 takes a free one, which is printed.
  std::vector<std::string> listen;
  // Left out: the agent's name with "-0".
  std::string replica;
  int threads = 1;
  // Its card of several and its share of that.
  Place place;
  std::chrono::milliseconds drain_limit{10'000};
  // Ends when the process that started it does.
  bool die_with_parent = false;
};

// Serves until SIGTERM or SIGINT, then drains; a second signal ends it at once. Prints "listening on ADDRESS" to stdout
// for each address, once it is ready. Errors: what kept it from starting.
Status Serve(const ServeOptions& options);

}  // namespace troupe::host
