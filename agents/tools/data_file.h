// A file that a model was trained on or measured by, as its card names it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace troupe::tools {

struct DataFile {
  std::filesystem::path path;
  std::string sha256;
  size_t texts = 0;
  std::string use;  // "trained on", "trained on without labels", "held out"
};

}  // namespace troupe::tools
