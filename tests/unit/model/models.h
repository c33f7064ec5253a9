// The real models that deploy/install fetches. Tests that need one skip where it is not there.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace troupe::model {

inline std::filesystem::path ModelPath(const std::string& name) {
  const char* cache = std::getenv("TROUPE_CACHE");
  const char* home = std::getenv("HOME");
  const std::filesystem::path root = cache != nullptr
                                         ? std::filesystem::path(cache)
                                         : std::filesystem::path(home == nullptr ? "." : home) / ".cache/troupe";
  return root / "models" / name;
}

inline std::filesystem::path SmolLm2() { return ModelPath("smollm2-135m-instruct.gguf"); }
// Only with `deploy/install gemma`.
inline std::filesystem::path Gemma3() { return ModelPath("gemma3-270m.gguf"); }
inline std::filesystem::path MiniLm() { return ModelPath("all-minilm-l6-v2"); }

}  // namespace troupe::model

#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << (path) << " is not here: see deploy/install --help"
