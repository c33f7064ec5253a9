// The agent that does as its script tells: for tests, demos and dry runs, where real models would be slow or would say
// something else each time. Steps with delays run as coroutines on one thread of its own; an echo is answered where it
// came in.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::scripted {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::scripted
