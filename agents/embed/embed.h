// The kind `embed`: texts to vectors.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::embed {

Result<std::unique_ptr<host::Kind>> MakeEmbed(const host::Spec& spec);

}  // namespace troupe::embed
