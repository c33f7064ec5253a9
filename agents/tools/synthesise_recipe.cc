#include "agents/tools/synthesise_recipe.h"

#include <algorithm>

#include "agents/tools/recipe_reader.h"

namespace troupe::tools {
namespace {

using kind::YamlMap;
using kind::YamlNode;

class Reader final : public RecipeReader {
 public:
  using RecipeReader::RecipeReader;

  Status Read(SynthesiseRecipe& recipe) {
    return ReadAs("SynthesiseRecipe", recipe.name, [&](const YamlNode& spec) { Spec(spec, recipe); });
  }

 private:
  void Spec(const YamlNode& node, SynthesiseRecipe& recipe) {
    YamlMap spec(node, "'spec'", file_, findings_);
    spec.Require("teacher", "name the model that writes, such as a .gguf of SmolLM2");
    Take(recipe.teacher, spec, "teacher");
    spec.Require("embedder", "name the encoder that looks at what was written, such as all-minilm-l6-v2");
    Take(recipe.embedder, spec, "embedder");
    recipe.examples = Paths(spec.Require("examples", "name files of labelled texts"), "examples");
    if (const YamlNode* skills = spec.Get("skills")) Skills(*skills, recipe);
    Set(recipe.per_skill, spec.Integer("perSkill", 1, 10000));
    Set(recipe.tries, spec.Integer("tries", 1, 1000));
    if (const YamlNode* asking = spec.Get("asking")) Asking(*asking, recipe);
    if (const YamlNode* sampling = spec.Get("sampling")) Sampling(*sampling, recipe);
    if (const YamlNode* filters = spec.Get("filters")) Filters(*filters, recipe);
    Set(recipe.share, spec.Number("share", 0.01, 0.99));
    Set(recipe.seed, spec.Integer("seed", 0, INT64_MAX));
    Set(recipe.threads, spec.Integer("threads", 1, 1024));
    spec.Finish();
  }

  void Skills(const YamlNode& node, SynthesiseRecipe& recipe) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
      findings_.Error(file_, node, "'skills' must be a list of {label, description}, got " + kind::Describe(node));
      return;
    }
    for (const YamlNode& item : node.items) {
      WantedSkill wanted{.place = Place(item)};
      YamlMap skill(item, "a skill", file_, findings_);
      skill.Require("label", "write the label that its examples have");
      Set(wanted.skill.label, skill.String("label"));
      Set(wanted.skill.description, skill.String("description"));
      skill.Finish();
      const auto is_same = [&](const WantedSkill& other) { return other.skill.label == wanted.skill.label; };
      if (std::any_of(recipe.skills.begin(), recipe.skills.end(), is_same)) {
        findings_.Error(file_, item, "the skill '" + wanted.skill.label + "' is there twice");
      }
      recipe.skills.push_back(std::move(wanted));
    }
  }

  void Asking(const YamlNode& node, SynthesiseRecipe& recipe) {
    YamlMap asking(node, "'asking'", file_, findings_);
    Set(recipe.heading, asking.String("heading"));
    Set(recipe.shown, asking.Integer("shown", 1, 64));
    Set(recipe.min_chars, asking.Integer("minChars", 1, 1000));
    Set(recipe.max_chars, asking.Integer("maxChars", 1, 10000));
    if (recipe.min_chars > recipe.max_chars) {
      findings_.Error(file_, node,
                      "no text has at least " + std::to_string(recipe.min_chars) +
                          " characters ('minChars') and at most " + std::to_string(recipe.max_chars) + " ('maxChars')");
    }
    asking.Finish();
  }

  void Sampling(const YamlNode& node, SynthesiseRecipe& recipe) {
    YamlMap sampling(node, "'sampling'", file_, findings_);
    // at 0 the teacher would write the same text each time
    Set(recipe.temperature, sampling.Number("temperature", 0.05, 10));
    Set(recipe.top_p, sampling.Number("topP", 0.01, 1));
    Set(recipe.max_tokens, sampling.Integer("maxTokens", 1, 4096));
    sampling.Finish();
  }

  void Filters(const YamlNode& node, SynthesiseRecipe& recipe) {
    YamlMap filters(node, "'filters'", file_, findings_);
    Set(recipe.confidence, filters.Number("confidence", 0, 1));
    Set(recipe.duplicate, filters.Number("duplicate", 0.1, 1));
    Set(recipe.voters, filters.Integer("voters", 1, 1000));
    filters.Finish();
  }
};

}  // namespace

Result<SynthesiseRecipe> ReadSynthesiseRecipe(const std::filesystem::path& file) {
  SynthesiseRecipe recipe;
  TRY(Reader(file).Read(recipe));
  return recipe;
}

}  // namespace troupe::tools
