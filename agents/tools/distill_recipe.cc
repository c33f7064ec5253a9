#include "agents/tools/distill_recipe.h"

#include "runtime/base/read_file.h"
#include "runtime/kind/yaml_map.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using kind::YamlMap;
using kind::YamlNode;

// Reads the parts of one file.
class Reader : private RecipeReader {
 public:
  explicit Reader(const fs::path& file) : RecipeReader(file) {}

  Status Read(const std::string& text, DistillRecipe& recipe) {
    const YamlNode root = kind::ParseYaml(text, file_, findings_);
    if (!findings_.HasErrors()) {
      if (const YamlNode* spec = RecipeReader::Spec(root, recipe.name)) Spec(*spec, recipe);
    }
    if (!unknown_task_.empty()) {
      return Error{Code::kUnimplemented, unknown_task_ +
                                             " is not trained here: there are classifiers of the BERT family "
                                             "(classify) and decoders that write (generate)"};
    }
    return Told();
  }

 private:
  void Spec(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings_);
    const auto task = spec.String("task");
    if (task && *task != "classify") unknown_task_ = Place(*spec.Get("task")) + ": the task \"" + *task + "\"";
    Take(recipe.model, spec, "model");
    Take(recipe.teacher, spec, "teacher");
    if (recipe.model.empty() == recipe.teacher.empty()) {
      findings_.Error(file_, node,
                      "'spec' must have either a 'model', which is fine-tuned, or a 'teacher', which a student learns "
                      "from");
    }
    const YamlNode* student = spec.Get("student");
    const YamlNode* loss = spec.Get("loss");
    for (const YamlNode* of_teacher : {student, loss}) {
      if (of_teacher != nullptr && recipe.teacher.empty()) {
        findings_.Error(file_, *of_teacher, "this is for distillation: it needs a 'teacher'");
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
    YamlMap student(node, "'student'", file_, findings_);
    Take(recipe.student_model, student, "model");
    ReadLayers(student, recipe.layers, recipe.layer_count);
    recipe.ffn = student.Integer("feedForward", 8, 1 << 20).value_or(0);
    const bool has_shape = student.Get("layers") != nullptr || recipe.ffn != 0;
    if (has_shape == !recipe.student_model.empty()) {
      findings_.Error(file_, node,
                      "'student' must have either 'layers' (and 'feedForward') of the teacher, or a 'model' to begin "
                      "with");
    }
    student.Finish();
  }

  void Loss(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap loss(node, "'loss'", file_, findings_);
    Set(recipe.scores, loss.Number("scores", 0, 1));
    Set(recipe.temperature, loss.Number("temperature", 0.1, 100));
    Set(recipe.states, loss.Number("states", 0, 1e6));
    loss.Finish();
  }

  void Data(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap data(node, "'data'", file_, findings_);
    if (const YamlNode* train = data.Require("train", "name files of labelled texts")) {
      recipe.train = Paths(*train);
      if (recipe.train.empty()) findings_.Error(file_, *train, "'train' names no file");
    }
    if (const YamlNode* unlabelled = data.Get("unlabelled")) {
      recipe.unlabelled = Paths(*unlabelled);
      if (recipe.teacher.empty()) {
        findings_.Error(file_, *unlabelled, "texts without labels teach nothing without a 'teacher'");
      }
    }
    ReadHeldOut(data, recipe.held_out, recipe.held_out_share);
    data.Finish();
  }

  void Training(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap training(node, "'training'", file_, findings_);
    ReadTraining(training, recipe);
    Set(recipe.dropout, training.Number("dropout", 0, 0.9));
    Set(recipe.smoothing, training.Number("smoothing", 0, 0.9));
    training.Finish();
  }

  std::string unknown_task_;
};

}  // namespace

Result<DistillRecipe> ReadDistillRecipe(const fs::path& file) {
  const auto text = ReadFile(file, 1u << 20);
  if (!text) return Error{text.error().code, file.string() + ": " + text.error().message};
  DistillRecipe recipe;
  TRY(Reader(file).Read(*text, recipe));
  return recipe;
}

}  // namespace troupe::tools
