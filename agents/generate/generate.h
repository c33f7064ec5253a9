// The kind `generate`: text from a prompt or a conversation, streamed as it grows.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::generate {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::generate
