#include "agents/tools/learn_recipe.h"

#include "agents/tools/recipe_reader.h"

namespace troupe::tools {
namespace {

using kind::YamlMap;
using kind::YamlNode;

class Reader final : public RecipeReader {
 public:
  using RecipeReader::RecipeReader;

  Status Read(LearnRecipe& recipe) {
    return ReadAs("LearnRecipe", recipe.name, [&](const YamlNode& spec) { Spec(spec, recipe); });
  }

 private:
  void Spec(const YamlNode& node, LearnRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings_);
    spec.Require("student", "name the folder of the classifier that serves now");
    Take(recipe.student, spec, "student");
    recipe.lessons = Paths(spec.Require("lessons", "name what 'troupe learn export' printed"), "lessons");
    if (const YamlNode* replay = spec.Get("replay")) Replay(*replay, recipe);
    Set(recipe.teacher_confidence, spec.Number("teacherConfidence", 0, 1));
    Set(recipe.held_out_share, spec.Number("heldOut", 0.01, 0.9));
    Set(recipe.keep, spec.Number("keep", 0, 0.99));
    if (const YamlNode* gate = spec.Get("gate")) Gate(*gate, recipe.gate);
    recipe.escalate = {.accuracy = 0.97};
    if (const YamlNode* escalate = spec.Get("escalate")) Escalate(*escalate, recipe.escalate);
    if (const YamlNode* training = spec.Get("training")) Training(*training, recipe.training);
    spec.Finish();
  }

  void Replay(const YamlNode& node, LearnRecipe& recipe) {
    YamlMap replay(node, "'replay'", file_, findings_);
    recipe.replay = Paths(replay.Require("texts", "name files of labelled texts that the student knows"), "texts");
    Take(recipe.replay_held_out, replay, "heldOut");
    Set(recipe.replay_share, replay.Number("share", 0.01, 0.99));
    replay.Finish();
  }

  void Gate(const YamlNode& node, train::GateRules& rules) {
    YamlMap gate(node, "'gate'", file_, findings_);
    Set(rules.all, gate.Number("all", 0, 1));
    Set(rules.skill, gate.Number("skill", 0, 1));
    Set(rules.chance, gate.Number("chance", 0, 1));
    Set(rules.lessons, gate.Number("lessons", 0, 1));
    gate.Finish();
  }

  void Escalate(const YamlNode& node, train::EscalationTarget& target) {
    YamlMap escalate(node, "'escalate'", file_, findings_);
    const auto accuracy = escalate.Number("accuracy", 0, 1);
    const auto teacher_share = escalate.Number("teacherShare", 0, 1);
    if (accuracy.has_value() == teacher_share.has_value()) {
      findings_.Error(file_, node,
                      "'escalate' must have either 'accuracy', which is at least reached, or 'teacherShare', "
                      "which is at most spent");
    } else {
      target = {accuracy, teacher_share};
    }
    escalate.Finish();
  }
};

}  // namespace

Result<LearnRecipe> ReadLearnRecipe(const std::filesystem::path& file) {
  LearnRecipe recipe;
  TRY(Reader(file).Read(recipe));
  return recipe;
}

}  // namespace troupe::tools
