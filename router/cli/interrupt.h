// Ctrl-C and SIGTERM, counted: the loops of `run`, `watch` and `up` look at the count between waits and act.
#pragma once

namespace troupe::cli {

// From now on SIGINT, SIGTERM and SIGHUP are counted instead of ending the process; SIGPIPE is ignored.
void CountInterrupts();

// How many have come.
int Interrupts();

}  // namespace troupe::cli
