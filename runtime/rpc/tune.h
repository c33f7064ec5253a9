// What this process changes in gRPC's surroundings, once.
#pragma once

namespace troupe::rpc {

// Debian builds Abseil with its search for deadlocks on, which keeps a graph of all locks at every lock and costs about a
// tenth of a small call: switches it off. Idempotent, cheap; called by Server and OpenChannel.
void TuneOnce();

}  // namespace troupe::rpc
