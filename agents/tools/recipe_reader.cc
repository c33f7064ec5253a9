#include "agents/tools/recipe_reader.h"

#include "runtime/base/read_file.h"

namespace troupe::tools {

namespace fs = std::filesystem;
using kind::YamlMap;
using kind::YamlNode;

Result<std::string> RecipeReader::Content() const {
  auto text = ReadFile(path_, 1u << 20);
  if (!text) return Error{text.error().code, file_ + ": " + text.error().message};
  return text;
}

Status RecipeReader::Told() {
  std::string errors;
  for (const kind::Finding& finding : findings_.Take(file_)) {
    errors += (errors.empty() ? "" : "\n") + kind::ToString(finding);
  }
  if (!errors.empty()) return Invalid(errors);
  return {};
}

void RecipeReader::Training(const YamlNode& node, TrainingSettings& settings) {
  YamlMap training(node, "'training'", file_, findings_);
  Set(settings.epochs, training.Integer("epochs", 1, 100000));
  Set(settings.batch, training.Integer("batch", 1, 65536));
  Set(settings.accumulate, training.Integer("accumulate", 1, 65536));
  Set(settings.rate, training.Number("rate", 1e-9, 1));
  Set(settings.warmup, training.Number("warmup", 0, 1));
  Set(settings.decay, training.Number("decay", 0, 1));
  Set(settings.clip, training.Number("clip", 0, 1e6));
  Set(settings.dropout, training.Number("dropout", 0, 0.9));
  Set(settings.smoothing, training.Number("smoothing", 0, 0.9));
  Set(settings.check_steps, training.Integer("checkEvery", 1, 1'000'000'000));
  Set(settings.seed, training.Integer("seed", 0, INT64_MAX));
  Set(settings.threads, training.Integer("threads", 1, 1024));
  Set(settings.bfloat16, training.Choice("precision", {"fp32", "bf16"}));
  training.Finish();
}

void RecipeReader::Take(fs::path& to, YamlMap& map, const char* key) {
  if (const auto name = map.String(key)) to = Resolve(*name);
}

std::vector<fs::path> RecipeReader::Paths(const YamlNode& node) {
  std::vector<fs::path> paths;
  const bool is_list = node.kind == YamlNode::Kind::kList;
  for (size_t i = 0; i < (is_list ? node.items.size() : 1); ++i) {
    const YamlNode& item = is_list ? node.items[i] : node;
    if (kind::ToValue(item).is_string()) {
      paths.push_back(Resolve(item.text));
    } else {
      findings_.Error(file_, item, "must name a file, got " + kind::Describe(item));
    }
  }
  return paths;
}

std::vector<fs::path> RecipeReader::Paths(const YamlNode* node, const std::string& key) {
  if (node == nullptr) return {};
  std::vector<fs::path> paths = Paths(*node);
  if (paths.empty()) findings_.Error(file_, *node, "'" + key + "' names no file");
  return paths;
}

std::string RecipeReader::Place(const YamlNode& node) const {
  return file_ + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
}

fs::path RecipeReader::Resolve(const std::string& name) const {
  return (path_.parent_path() / name).lexically_normal();
}

}  // namespace troupe::tools
