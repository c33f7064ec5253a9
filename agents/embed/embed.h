// The kind `embed`: texts to vectors.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::embed {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::embed
