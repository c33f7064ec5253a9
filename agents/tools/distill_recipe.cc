#include "agents/tools/distill_recipe.h"

#include "agents/tools/recipe_reader.h"

namespace troupe::tools {
namespace {

using kind::YamlMap;
using kind::YamlNode;

class Reader final : public RecipeReader {
 public:
  using RecipeReader::RecipeReader;

  Status Read(DistillRecipe& recipe) {
    Status read = ReadAs("DistillRecipe", recipe.name, [&](const YamlNode& spec) { Spec(spec, recipe); });
    if (unknown_task_.empty()) return read;
    return Error{Code::kUnimplemented,
                 unknown_task_ +
                     " is not trained here: there are classifiers of the BERT family (classify) and decoders that "
                     "write (generate)"};
  }

 private:
  void Spec(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings_);
    const auto task = spec.String("task");
    if (task && *task != "classify") unknown_task_ = Place(*spec.Get("task")) + ": the task \"" + *task + "\"";
    const auto [student, loss] = ModelOrTeacher(node, spec, recipe.model, recipe.teacher, "student: {layers: 2}");
    if (student != nullptr) Student(*student, recipe);
    if (loss != nullptr) Loss(*loss, recipe);
    if (const YamlNode* data = spec.Require("data", "write data: {train: [texts.csv]}")) Data(*data, recipe);
    if (const YamlNode* training = spec.Get("training")) Training(*training, recipe.training);
    spec.Finish();
  }

  void Student(const YamlNode& node, DistillRecipe& recipe) {
    YamlMap student(node, "'student'", file_, findings_);
    Take(recipe.student_model, student, "model");
    Layers(student, recipe.layers, recipe.layer_count);
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
      recipe.train = Paths(train, "train");
    }
    if (const YamlNode* unlabelled = data.Get("unlabelled")) {
      recipe.unlabelled = Paths(*unlabelled);
      if (recipe.teacher.empty()) {
        findings_.Error(file_, *unlabelled, "texts without labels teach nothing without a 'teacher'");
      }
    }
    HeldOut(data, recipe.held_out, recipe.held_out_share);
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
