#include "agents/tools/distill_recipe.h"

#include "runtime/base/read_file.h"
#include "runtime/kind/header.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using kind::Findings;
using kind::YamlMap;
using kind::YamlNode;

// Reads the parts of one file.
class Reader {
 public:
  explicit Reader(const fs::path& file) : path_(file), file_(file.string()) {}

  void Read(const std::string& text, DistillRecipe& recipe) {
    const YamlNode root = kind::ParseYaml(text, file_, findings);
    if (findings.HasErrors()) return;
    YamlMap map(root, "the recipe", file_, findings);
    kind::CheckKind(map, "DistillRecipe", file_, findings);
    recipe.name = kind::ReadName(map, "recipe", file_, findings);
    if (const YamlNode* spec = map.Require("spec", "write what is to be trained there")) Spec(*spec, recipe);
    map.Finish();
  }

  Findings findings;
  std::string unknown_task;

 private:
  void Spec(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings);
    const auto task = spec.String("task");
    if (task && *task != "classify") unknown_task = Place(*spec.Get("task")) + ": the task \"" + *task + "\"";
    Take(recipe.model, spec, "model");
    Take(recipe.teacher, spec, "teacher");
    if (recipe.model.empty() == recipe.teacher.empty()) {
      findings.Error(file_, node,
                     "'spec' must have either a 'model', which is fine-tuned, or a 'teacher', which a student learns "
                     "from");
    }
    const YamlNode* student = spec.Get("student");
    const YamlNode* loss = spec.Get("loss");
    for (const YamlNode* of_teacher : {student, loss}) {
      if (of_teacher != nullptr && recipe.teacher.empty()) {
        findings.Error(file_, *of_teacher, "this is for distillation: it needs a 'teacher'");
      }
    }
    if (!recipe.teacher.empty() && student == nullptr) {
      spec.Missing("student", "'spec' has a teacher and no 'student'; write student: {layers: 2}");
    }
    if (student != nullptr) Student(*student, recipe);
    if (loss != nullptr) Loss(*loss, recipe);
    if (const YamlNode* data = spec.Require("data", "write data: {train: [texts.csv]}")) Data(*data, recipe);
    if (const YamlNode* training = spec.Get("training")) Training(*training, recipe);
    spec.Finish();
  }

  void Student(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap student(node, "'student'", file_, findings);
    Take(recipe.student_model, student, "model");
    const YamlNode* layers = student.Get("layers");
    if (layers != nullptr && layers->kind == YamlNode::Kind::kList) {
      for (const YamlNode& item : layers->items) {
        const Value number = kind::ToValue(item);
        if (number.is_number_integer() && number >= 0 && number <= 1023) {
          recipe.layers.push_back(number.get<int64_t>());
        } else {
          findings.Error(file_, item, "a layer is a whole number from 0 to 1023, got " + kind::Describe(item));
        }
      }
    } else if (layers != nullptr) {
      recipe.layer_count = student.Integer("layers", 1, 1024).value_or(0);
    }
    recipe.ffn = student.Integer("feedForward", 8, 1 << 20).value_or(0);
    const bool has_shape = layers != nullptr || recipe.ffn != 0;
    if (has_shape == !recipe.student_model.empty()) {
      findings.Error(file_, node,
                     "'student' must have either 'layers' (and 'feedForward') of the teacher, or a 'model' to begin "
                     "with");
    }
    student.Finish();
  }

  void Loss(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap loss(node, "'loss'", file_, findings);
    Set(recipe.scores, loss.Number("scores", 0, 1));
    Set(recipe.temperature, loss.Number("temperature", 0.1, 100));
    Set(recipe.states, loss.Number("states", 0, 1e6));
    loss.Finish();
  }

  void Data(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap data(node, "'data'", file_, findings);
    if (const YamlNode* train = data.Require("train", "name files of labelled texts")) {
      recipe.train = Paths(*train);
      if (recipe.train.empty()) findings.Error(file_, *train, "'train' names no file");
    }
    if (const YamlNode* unlabelled = data.Get("unlabelled")) {
      recipe.unlabelled = Paths(*unlabelled);
      if (recipe.teacher.empty()) {
        findings.Error(file_, *unlabelled, "texts without labels teach nothing without a 'teacher'");
      }
    }
    const YamlNode* held_out = data.Get("heldOut");
    if (held_out != nullptr && kind::ToValue(*held_out).is_string()) {
      Take(recipe.held_out, data, "heldOut");
    } else {
      Set(recipe.held_out_share, data.Number("heldOut", 0.001, 0.9));
    }
    data.Finish();
  }

  void Training(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap training(node, "'training'", file_, findings);
    Set(recipe.epochs, training.Integer("epochs", 1, 100000));
    Set(recipe.batch, training.Integer("batch", 1, 65536));
    Set(recipe.accumulate, training.Integer("accumulate", 1, 65536));
    Set(recipe.rate, training.Number("rate", 1e-9, 1));
    Set(recipe.warmup, training.Number("warmup", 0, 1));
    Set(recipe.decay, training.Number("decay", 0, 1));
    Set(recipe.clip, training.Number("clip", 0, 1e6));
    Set(recipe.dropout, training.Number("dropout", 0, 0.9));
    Set(recipe.smoothing, training.Number("smoothing", 0, 0.9));
    Set(recipe.check_steps, training.Integer("checkEvery", 1, 1'000'000'000));
    Set(recipe.seed, training.Integer("seed", 0, INT64_MAX));
    Set(recipe.threads, training.Integer("threads", 1, 1024));
    Set(recipe.bfloat16, training.Choice("precision", {"fp32", "bf16"}));
    training.Finish();
  }

  template <typename To, typename From>
  static void Set(To& to, const std::optional<From>& from) {
    if (from) to = static_cast<To>(*from);
  }

  void Take(fs::path& to, YamlMap& map, const char* key) {
    if (const auto name = map.String(key)) to = Resolve(*name);
  }

  fs::path Resolve(const std::string& name) const { return (path_.parent_path() / name).lexically_normal(); }

  // A list of files, or one.
  std::vector<fs::path> Paths(const YamlNode& node) {
    std::vector<fs::path> paths;
    const bool is_list = node.kind == YamlNode::Kind::kList;
    for (size_t i = 0; i < (is_list ? node.items.size() : 1); ++i) {
      const YamlNode& item = is_list ? node.items[i] : node;
      if (kind::ToValue(item).is_string()) {
        paths.push_back(Resolve(item.text));
      } else {
        findings.Error(file_, item, "must name a file, got " + kind::Describe(item));
      }
    }
    return paths;
  }

  std::string Place(const YamlNode& node) const {
    return file_ + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
  }

  const fs::path path_;
  const std::string file_;
};

}  // namespace

Result<DistillRecipe> ReadDistillRecipe(const fs::path& file) {
  const auto text = ReadFile(file, 1u << 20);
  if (!text) return Error{text.error().code, file.string() + ": " + text.error().message};
  DistillRecipe recipe;
  Reader reader(file);
  reader.Read(*text, recipe);
  if (!reader.unknown_task.empty()) {
    return Error{Code::kUnimplemented,
                 reader.unknown_task + " is not trained here: this trains classifiers of the BERT family (classify)"};
  }
  std::string errors;
  for (const kind::Finding& finding : reader.findings.Take(file.string())) {
    errors += (errors.empty() ? "" : "\n") + kind::ToString(finding);
  }
  if (!errors.empty()) return Invalid(errors);
  return recipe;
}

}  // namespace troupe::tools
