#include "tests/support/places.h"

namespace troupe {

std::string SourcePath(std::string_view path) { return std::string(TROUPE_SOURCE_DIR "/").append(path); }
std::string BuildPath(std::string_view path) { return std::string(TROUPE_BINARY_DIR "/").append(path); }

}  // namespace troupe
