#include "agents/tools/writer_recipe.h"

#include "agents/tools/recipe_reader.h"
#include "runtime/base/read_file.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using kind::YamlMap;
using kind::YamlNode;

// Reads the parts of one file.
class Reader final : public RecipeReader {
 public:
  using RecipeReader::RecipeReader;

  Status Read(WriterRecipe& recipe) {
    return ReadAs("DistillRecipe", recipe.name, [&](const YamlNode& spec) { Spec(spec, recipe); });
  }

 private:
  void Spec(const YamlNode& node, WriterRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings_);
    spec.String("task");
    const auto [student, loss] = ModelOrTeacher(node, spec, recipe.model, recipe.teacher, "student: {layers: 10}");
    if (student != nullptr) Student(*student, recipe);
    if (const YamlNode* adapter = spec.Get("adapter")) Adapter(*adapter, recipe);
    if (const YamlNode* data = spec.Require("data", "write data: {train: [prompts.jsonl]}")) Data(*data, recipe);
    if (loss != nullptr) Loss(*loss, recipe);
    if (const YamlNode* training = spec.Get("training")) Training(*training, recipe.training);
    spec.Finish();
  }

  void Student(const YamlNode& node, WriterRecipe& recipe) {
    YamlMap student(node, "'student'", file_, findings_);
    Take(recipe.student_model, student, "model");
    Layers(student, recipe.layers, recipe.layer_count);
    Set(recipe.pick, student.Choice("pick", {"spread", "leastMissed"}));
    if (const YamlNode* pick = student.Get("pick"); pick != nullptr && recipe.layer_count == 0) {
      findings_.Error(file_, *pick, "'pick' chooses among the teacher's layers: say how many in 'layers'");
    }
    if ((student.Get("layers") != nullptr) == !recipe.student_model.empty()) {
      findings_.Error(file_, node, "'student' must have either 'layers' of the teacher, or a 'model' to begin with");
    }
    student.Finish();
  }

  void Adapter(const YamlNode& node, WriterRecipe& recipe) {
    YamlMap adapter(node, "'adapter'", file_, findings_);
    recipe.rank = adapter.Integer("rank", 1, 4096).value_or(8);
    Set(recipe.alpha, adapter.Number("alpha", 0.001, 1e6));
    if (recipe.layer_count > 0 || !recipe.layers.empty()) {
      findings_.Error(file_, node,
                      "an adapter belongs to a model that is there: give the student a 'model', not 'layers' of its "
                      "teacher");
    }
    adapter.Finish();
  }

  void Data(const YamlNode& node, WriterRecipe& recipe) {
    YamlMap data(node, "'data'", file_, findings_);
    if (const YamlNode* train = data.Require("train", "name files of prompts")) {
      recipe.train = Paths(train, "train");
    }
    HeldOut(data, recipe.held_out, recipe.held_out_share);
    Take(recipe.examples, data, "examples");
    Take(recipe.answers, data, "answers");
    for (const char* key : {"examples", "answers"}) {
      const YamlNode* of_teacher = data.Get(key);
      if (of_teacher != nullptr && recipe.teacher.empty()) {
        findings_.Error(file_, *of_teacher, "this is for a teacher: 'spec' needs a 'teacher'");
      }
    }
    Set(recipe.max_tokens, data.Integer("maxTokens", 1, 32768));
    Set(recipe.write_temperature, data.Number("temperature", 0, 10));
    if (const YamlNode* stop = data.Get("stop")) {
      const Value given = kind::ToValue(*stop);
      for (const Value& text : given.is_array() ? given : Value::array({given})) {
        if (text.is_string()) recipe.stop.push_back(text.get<std::string>());
      }
      if (recipe.stop.empty()) findings_.Error(file_, *stop, "must be texts, got " + kind::Describe(*stop));
    }
    data.Finish();
  }

  void Loss(const YamlNode& node, WriterRecipe& recipe) {
    YamlMap loss(node, "'loss'", file_, findings_);
    Set(recipe.divergence, loss.Choice("divergence", {"none", "forward", "reverse", "jsd"}));
    Set(recipe.beta, loss.Number("beta", 0.001, 0.999));
    Set(recipe.scores, loss.Number("scores", 0, 1));
    Set(recipe.temperature, loss.Number("temperature", 0.1, 100));
    Set(recipe.top, loss.Integer("top", 0, 4096));
    Set(recipe.on_policy, loss.Number("onPolicy", 0, 1));
    Set(recipe.own_temperature, loss.Number("ownTemperature", 0, 10));
    const auto needs = [&](const char* key, bool is_met, const char* what) {
      const YamlNode* field = loss.Get(key);
      if (field != nullptr && !is_met) {
        findings_.Error(file_, *field, "'" + std::string(key) + "' changes nothing without " + what);
      }
    };
    const bool diverges = recipe.divergence != TeacherLoss::kNone;
    for (const char* key : {"scores", "temperature", "top"}) needs(key, diverges, "a 'divergence'");
    needs("beta", recipe.divergence == TeacherLoss::kJensenShannon, "divergence: jsd");
    needs("ownTemperature", recipe.on_policy > 0, "'onPolicy'");
    if (recipe.on_policy > 0 && !diverges) {
      findings_.Error(
          file_, *loss.Get("onPolicy"),
          "what the student writes teaches it nothing unless the teacher judges it: say which 'divergence'");
    }
    loss.Finish();
  }
};

}  // namespace

std::string TaskOf(const fs::path& file) {
  const auto text = ReadFile(file, 1u << 20);
  kind::Findings ignored;
  if (!text) return "classify";
  const Value recipe = kind::ToValue(kind::ParseYaml(*text, file.string(), ignored));
  const Value spec = recipe.is_object() ? recipe.value("spec", Value()) : Value();
  const Value task = spec.is_object() ? spec.value("task", Value()) : Value();
  return task.is_string() ? task.get<std::string>() : "classify";
}

Result<WriterRecipe> ReadWriterRecipe(const fs::path& file) {
  WriterRecipe recipe;
  TRY(Reader(file).Read(recipe));
  return recipe;
}

}  // namespace troupe::tools
