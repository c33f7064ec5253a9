#include "agents/tools/distill_recipe.h"

#include "agents/tools/recipe_reader.h"
#include "runtime/kind/header.h"

namespace troupe::tools {
namespace {

using kind::YamlMap;
using kind::YamlNode;

class Reader final : public RecipeReader {
 public:
  using RecipeReader::RecipeReader;

  Status Read(DistillRecipe& recipe) {
    TRY_ASSIGN(const std::string text, Content());
    const YamlNode root = kind::ParseYaml(text, file_, findings_);
    if (!findings_.HasErrors()) Root(root, recipe);
    if (unknown_task_.empty()) return Told();
    return Error{Code::kUnimplemented,
                 unknown_task_ + " is not trained here: this trains classifiers of the BERT family (classify)"};
  }

 private:
  void Root(const YamlNode& root, DistillRecipe& recipe) {
    YamlMap map(root, "the recipe", file_, findings_);
    kind::CheckKind(map, "DistillRecipe", file_, findings_);
    recipe.name = kind::ReadName(map, "recipe", file_, findings_);
    if (const YamlNode* spec = map.Require("spec", "write what is to be trained there")) Spec(*spec, recipe);
    map.Finish();
  }

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
    if (const YamlNode* training = spec.Get("training")) Training(*training, recipe.training);
    spec.Finish();
  }

  void Student(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap student(node, "'student'", file_, findings_);
    Take(recipe.student_model, student, "model");
    const YamlNode* layers = student.Get("layers");
    if (layers != nullptr && layers->kind == YamlNode::Kind::kList) {
      for (const YamlNode& item : layers->items) {
        const Value number = kind::ToValue(item);
        if (number.is_number_integer() && number >= 0 && number <= 1023) {
          recipe.layers.push_back(number.get<int64_t>());
        } else {
          findings_.Error(file_, item, "a layer is a whole number from 0 to 1023, got " + kind::Describe(item));
        }
      }
    } else if (layers != nullptr) {
      recipe.layer_count = student.Integer("layers", 1, 1024).value_or(0);
    }
    recipe.ffn = student.Integer("feedForward", 8, 1 << 20).value_or(0);
    const bool has_shape = layers != nullptr || recipe.ffn != 0;
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
      recipe.train = Paths(train, "train");
    }
    if (const YamlNode* unlabelled = data.Get("unlabelled")) {
      recipe.unlabelled = Paths(*unlabelled);
      if (recipe.teacher.empty()) {
        findings_.Error(file_, *unlabelled, "texts without labels teach nothing without a 'teacher'");
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

  std::string unknown_task_;
};

}  // namespace

Result<DistillRecipe> ReadDistillRecipe(const std::filesystem::path& file) {
  DistillRecipe recipe;
  TRY(Reader(file).Read(recipe));
  return recipe;
}

}  // namespace troupe::tools
