// What all readers of recipes share: paths relative to the file, lists of files and layers, how training goes. A reader
// lives as long as it reads one file; findings gather in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::tools {

// How training goes, whatever is trained.
struct TrainingRecipe {
  int64_t epochs = 8;
  int64_t batch = 32;
  int64_t accumulate = 1;
  double rate = 1e-4;
  double warmup = 0.06;
  double decay = 0.01;
  double clip = 1;
  int64_t check_steps = 0;
  uint64_t seed = 1;
  bool bfloat16 = false;
  int64_t threads = 1;
};

class RecipeReader {
 protected:
  explicit RecipeReader(const std::filesystem::path& file) : path_(file), file_(file.string()) {}

  // Nothing where the file's head is not that of a DistillRecipe; else its 'spec', and its name in `name`.
  const kind::YamlNode* Spec(const kind::YamlNode& root, std::string& name);
  // The fields of 'training' that every task has; those of its own are read from the map before or after.
  static void ReadTraining(kind::YamlMap& training, TrainingRecipe& recipe);
  // 'layers' of a student: a list of the teacher's, or how many of them.
  void ReadLayers(kind::YamlMap& student, std::vector<int64_t>& layers, int64_t& count);
  // 'heldOut': a file, or a share of the training texts.
  void ReadHeldOut(kind::YamlMap& data, std::filesystem::path& file, double& share);

  template <typename To, typename From>
  static void Set(To& to, const std::optional<From>& from) {
    if (from) to = static_cast<To>(*from);
  }
  void Take(std::filesystem::path& to, kind::YamlMap& map, const char* key);
  std::filesystem::path Resolve(const std::string& name) const;
  // A list of files, or one.
  std::vector<std::filesystem::path> Paths(const kind::YamlNode& node);
  // "recipe.yaml:3:5".
  std::string Place(const kind::YamlNode& node) const;
  // All findings as one error, if there are any.
  Status Told();

  const std::filesystem::path path_;
  const std::string file_;
  kind::Findings findings_;
};

}  // namespace troupe::tools
