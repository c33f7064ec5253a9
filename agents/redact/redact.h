// The kind `redact`: a text without the private data in it. Needs no model.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::redact {

// Errors: INVALID_ARGUMENT where `find` names what nobody looks for.
Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::redact
