#include "agents/tools/recipe_reader.h"

#include "runtime/base/models_path.h"
#include "runtime/base/read_file.h"
#include "runtime/kind/header.h"

namespace troupe::tools {

namespace fs = std::filesystem;
using kind::YamlMap;
using kind::YamlNode;

Status RecipeReader::Told() {
  std::string errors;
  for (const kind::Finding& finding : findings_.Take(file_)) {
    errors += (errors.empty() ? "" : "\n") + kind::ToString(finding);
  }
  if (!errors.empty()) return Invalid(errors);
  return {};
}

Status RecipeReader::ReadAs(const std::string& kind, std::string& name,
                            const std::function<void(const YamlNode&)>& spec) {
  const auto text = ReadFile(path_, 1u << 20);
  if (!text) return Error{text.error().code, file_ + ": " + text.error().message};
  const YamlNode root = kind::ParseYaml(*text, file_, findings_);
  if (!findings_.HasErrors()) {
    YamlMap map(root, "the recipe", file_, findings_);
    kind::CheckKind(map, kind, file_, findings_);
    name = kind::ReadName(map, "recipe", file_, findings_);
    if (const YamlNode* node = map.Require("spec", "write what is to be trained there")) spec(*node);
    map.Finish();
  }
  return Told();
}

RecipeReader::Beginning RecipeReader::ModelOrTeacher(const YamlNode& node, YamlMap& spec, fs::path& model,
                                                     fs::path& teacher, const std::string& example) {
  Take(model, spec, "model");
  Take(teacher, spec, "teacher");
  if (model.empty() == teacher.empty()) {
    findings_.Error(file_, node,
                    "'spec' must have either a 'model', which is fine-tuned, or a 'teacher', which a student learns "
                    "from");
  }
  const Beginning beginning{spec.Get("student"), spec.Get("loss")};
  for (const YamlNode* of_teacher : {beginning.student, beginning.loss}) {
    if (of_teacher != nullptr && teacher.empty()) {
      findings_.Error(file_, *of_teacher, "this is for distillation: it needs a 'teacher'");
    }
  }
  if (!teacher.empty() && beginning.student == nullptr) {
    spec.Missing("student", "'spec' has a teacher and no 'student'; write " + example);
  }
  return beginning;
}

void RecipeReader::Common(YamlMap& training, TrainingSettings& settings) {
  Set(settings.epochs, training.Integer("epochs", 1, 100000));
  Set(settings.batch, training.Integer("batch", 1, 65536));
  Set(settings.accumulate, training.Integer("accumulate", 1, 65536));
  Set(settings.rate, training.Number("rate", 1e-9, 1));
  Set(settings.warmup, training.Number("warmup", 0, 1));
  Set(settings.decay, training.Number("decay", 0, 1));
  Set(settings.clip, training.Number("clip", 0, 1e6));
  Set(settings.check_steps, training.Integer("checkEvery", 1, 1'000'000'000));
  Set(settings.seed, training.Integer("seed", 0, INT64_MAX));
  Set(settings.threads, training.Integer("threads", 1, 1024));
  Set(settings.bfloat16, training.Choice("precision", {"fp32", "bf16"}));
  Set(settings.checkpoint_activations, training.Boolean("checkpointActivations"));
}

void RecipeReader::Training(const YamlNode& node, TrainingSettings& settings) {
  YamlMap training(node, "'training'", file_, findings_);
  Common(training, settings);
  training.Finish();
}

void RecipeReader::Training(const YamlNode& node, ClassifierSettings& settings) {
  YamlMap training(node, "'training'", file_, findings_);
  Common(training, settings);
  Set(settings.dropout, training.Number("dropout", 0, 0.9));
  Set(settings.smoothing, training.Number("smoothing", 0, 0.9));
  training.Finish();
}

void RecipeReader::Layers(YamlMap& student, std::vector<int64_t>& layers, int64_t& count) {
  const YamlNode* node = student.Get("layers");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::kList) {
    count = student.Integer("layers", 1, 1024).value_or(0);
    return;
  }
  for (const YamlNode& item : node->items) {
    const Value number = kind::ToValue(item);
    if (number.is_number_integer() && number >= 0 && number <= 1023) {
      layers.push_back(number.get<int64_t>());
    } else {
      findings_.Error(file_, item, "a layer is a whole number from 0 to 1023, got " + kind::Describe(item));
    }
  }
}

void RecipeReader::HeldOut(YamlMap& data, fs::path& file, double& share) {
  const YamlNode* held_out = data.Get("heldOut");
  if (held_out != nullptr && kind::ToValue(*held_out).is_string()) {
    Take(file, data, "heldOut");
  } else {
    Set(share, data.Number("heldOut", 0.001, 0.9));
  }
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
  return ResolveModel(name, path_.parent_path(), DefaultModelsPath());
}

}  // namespace troupe::tools
