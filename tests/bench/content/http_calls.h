// A caller of an HTTP server: one connection that stays open, one request after the other.
#pragma once

#include <string>

#include "tests/bench/chain/load.h"

namespace troupe::bench {

// Sends `request` as it stands and reads one answer; another status than 200 is an error, and so is a body of another
// size than `body_bytes`.
MakeCall HttpCalls(int port, const std::string& request, size_t body_bytes);

}  // namespace troupe::bench
