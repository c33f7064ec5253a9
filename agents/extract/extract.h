// The kind `extract`: JSON by a schema out of a text. Constrained decoding makes it valid always; copied fields are
// pieces of the text.
#pragma once

#include <memory>

#include "agents/host/kind.h"

namespace troupe::extract {

Result<std::unique_ptr<host::Kind>> Make(const host::Spec& spec);

}  // namespace troupe::extract
