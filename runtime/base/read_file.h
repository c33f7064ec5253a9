// Files of strangers, read whole and only as far as they may be large.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "runtime/base/error.h"

namespace troupe {

// Errors: NOT_FOUND for what is not there or no regular file, RESOURCE_EXHAUSTED beyond `max_bytes`, INTERNAL. Their
// messages are the reason only ("there is no such file"): the caller says which file it was and what for.
Result<std::string> ReadFile(const std::filesystem::path& path, size_t max_bytes);

}  // namespace troupe
