// What the readers of recipes have in common: files named relative to the recipe, lists of layers, `training`, and all
// mistakes told at once, each with its place. A reader lives as long as it reads one file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

  // Reads the file, which must say that it is of that kind: its name, and `spec` by the function that is given. Errors:
  // ReadFile's, with the file's name; every finding that is an error, as file:line:column.
  Status ReadAs(const std::string& kind, std::string& name, const std::function<void(const kind::YamlNode&)>& spec);
  // What a `spec` of training begins with: a model that is fine-tuned, or a teacher and the parts that only one who
  // learns from it has.
  struct Beginning {
    const kind::YamlNode* student = nullptr;
    const kind::YamlNode* loss = nullptr;
  };
  // `example`: of a student, for whoever left it out.
  Beginning ModelOrTeacher(const kind::YamlNode& node, kind::YamlMap& spec, std::filesystem::path& model,
                           std::filesystem::path& teacher, const std::string& example);
  // A whole `training`.
  void Training(const kind::YamlNode& node, TrainingSettings& settings);
  void Training(const kind::YamlNode& node, ClassifierSettings& settings);
  // `layers` of a student: a list of the teacher's, or how many of them.
  void Layers(kind::YamlMap& student, std::vector<int64_t>& layers, int64_t& count);
  // `heldOut`: a file, or a share of the training texts.
  void HeldOut(kind::YamlMap& data, std::filesystem::path& file, double& share);

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
  // Every finding that is an error; fine where there is none.
  Status Told();
  static void Common(kind::YamlMap& training, TrainingSettings& settings);
  // Relative to the recipe, or "models:NAME".
  std::filesystem::path Resolve(const std::string& name) const;
};

}  // namespace troupe::tools
