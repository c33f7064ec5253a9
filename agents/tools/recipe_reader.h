// What the readers of recipes have in common: files named relative to the recipe, `training`, and all mistakes told at
// once, each with its place.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agents/tools/training_settings.h"
#include "runtime/base/error.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::tools {

class RecipeReader {
 public:
  explicit RecipeReader(const std::filesystem::path& file) : path_(file), file_(file.string()) {}

 protected:
  ~RecipeReader() = default;

  // The file's content. Errors: ReadFile's, with its name.
  Result<std::string> Content() const;
  // Every finding that is an error, as file:line:column; fine where there is none.
  Status Told();
  // Reads a `training`.
  void Training(const kind::YamlNode& node, TrainingSettings& settings);

  // `to` stays as it is where the key is not there or is wrong.
  template <typename To, typename From>
  static void Set(To& to, const std::optional<From>& from) {
    if (from) to = static_cast<To>(*from);
  }
  void Take(std::filesystem::path& to, kind::YamlMap& map, const char* key);
  // A list of files, or one.
  std::vector<std::filesystem::path> Paths(const kind::YamlNode& node);
  // The same; a finding where it is there and names none.
  std::vector<std::filesystem::path> Paths(const kind::YamlNode* node, const std::string& key);
  std::string Place(const kind::YamlNode& node) const;

  const std::filesystem::path path_;
  const std::string file_;
  kind::Findings findings_;

 private:
  std::filesystem::path Resolve(const std::string& name) const;
};

}  // namespace troupe::tools
