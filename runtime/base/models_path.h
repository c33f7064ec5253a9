// Where models lie that deploy/install fetched, and paths that name one of them: "models:all-minilm-l6-v2".
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace troupe {

inline constexpr std::string_view kModelsPrefix = "models:";

// $TROUPE_MODELS, else $TROUPE_CACHE/models, else ~/.cache/troupe/models.
std::string DefaultModelsPath();

// A path that begins with kModelsPrefix within `models`, any other relative to `folder`.
std::filesystem::path ResolveModel(const std::string& path, const std::filesystem::path& folder,
                                   const std::filesystem::path& models);

}  // namespace troupe
