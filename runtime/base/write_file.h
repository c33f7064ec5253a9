// Files that are whole or not there: written beside their place, made durable, then renamed into it.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe {

// The pieces one behind the other, in place of what `path` held before. `path`.part is taken for writing and is gone
// afterwards. Errors: RESOURCE_EXHAUSTED for a full disk, PERMISSION_DENIED, NOT_FOUND for a missing folder, each
// naming the file; `path` is then as it was.
Status WriteFile(const std::filesystem::path& path, std::span<const std::string_view> pieces);
Status WriteFile(const std::filesystem::path& path, std::string_view content);

}  // namespace troupe
