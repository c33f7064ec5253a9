// A file line by line, however large it is: one line is in memory at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

// Calls `take` with each line, without its line feed, and its number from 1. Errors: NOT_FOUND for what is not there or
// no regular file, INVALID_ARGUMENT for a line of more than `max_line_bytes`, INTERNAL, each naming the file; those of
// `take`, which end it.
Status ForEachLineOf(const std::filesystem::path& path, size_t max_line_bytes,
                     const std::function<Status(std::string_view line, size_t number)>& take);

}  // namespace troupe
