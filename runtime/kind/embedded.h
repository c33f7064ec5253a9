// The kind.yaml files as they were when this binary was built. Made by embed.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace troupe::kind {

struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

const std::vector<EmbeddedFile>& EmbeddedKindFiles();

}  // namespace troupe::kind
