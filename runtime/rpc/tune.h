// What this process changes in gRPC's surroundings, once.
#pragma once

namespace troupe::rpc {

// Debian builds Abseil with its search for deadlocks on, which keeps a graph of all locks at every lock and costs about
// a tenth of a small call: switches it off.
//
// gRPC 1.51 ends its callback threads with the last channel or server, and where a callback lets go of that last one, a
// thread waits for itself and the process aborts: keeps them to the end of the process.
//
// Idempotent, cheap; called by Server and OpenChannel.
void TuneOnce();

}  // namespace troupe::rpc
