// A file that is compiled in, as it was when the binary was built (troupe_embed in deploy/cmake/Troupe.cmake).
#pragma once

#include <string_view>

namespace troupe {

struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

}  // namespace troupe
