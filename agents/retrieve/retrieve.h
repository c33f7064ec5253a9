// The kind `retrieve`: passages from a folder of documents, nearest first, with their source.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::retrieve {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::retrieve
