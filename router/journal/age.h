// How long finished tasks are kept, as people write it. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/error.h"

namespace troupe::journal {

// "30d", "12h", "90m", "45s" or "0" (for ever), as milliseconds. Errors: INVALID_ARGUMENT that says what it must be.
Result<int64_t> ParseAge(const std::string& text);

}  // namespace troupe::journal
