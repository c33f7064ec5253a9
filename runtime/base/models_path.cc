#include "runtime/base/models_path.h"

#include <cstdlib>

namespace troupe {

namespace fs = std::filesystem;

std::string DefaultModelsPath() {
  const auto env = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (!env("TROUPE_MODELS").empty()) return env("TROUPE_MODELS").string();
  if (!env("TROUPE_CACHE").empty()) return (env("TROUPE_CACHE") / "models").string();
  return (env("HOME") / ".cache/troupe/models").string();
}

fs::path ResolveModel(const std::string& path, const fs::path& folder, const fs::path& models) {
  if (path.starts_with(kModelsPrefix)) return (models / path.substr(kModelsPrefix.size())).lexically_normal();
  return (folder / path).lexically_normal();
}

}  // namespace troupe
