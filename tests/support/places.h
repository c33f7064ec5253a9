// Where tests find what lies beside them. Known to one file only, so that compiled tests are the same in every checkout
// and a compiler cache can share them.
#pragma once

#include <string>
#include <string_view>

namespace troupe {

// `path` counts from the top of the source tree, or of the build folder.
std::string SourcePath(std::string_view path);
std::string BuildPath(std::string_view path);

}  // namespace troupe
