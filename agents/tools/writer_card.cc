#include "agents/tools/writer_card.h"

#include "agents/tools/card_parts.h"
#include "runtime/model/size.h"

namespace troupe::tools {
namespace {

Value GradeValue(const train::Grade& grade) { return {{"token_accuracy", grade.accuracy}, {"loss", grade.loss}}; }

Value Card(const WriterCardFacts& facts) {
  const WriterJob& job = facts.job;
  const model::ModelConfig& config = job.training->student().config();
  const train::Check& best = facts.log.best_check();
  Value held_out = GradeValue(best.grade);
  held_out["texts"] = job.texts.held_out.size();
  held_out["best_step"] = best.step;
  Value card = {{"name", facts.recipe.name},
                {"task", "generate"},
                {"sha256", facts.digest},
                {"made_of", {{"name", job.base.path.filename().string()}, {"sha256", job.base_sha256}}},
                {"data", DataValue(job.texts.data)},
                {"seed", facts.recipe.training.seed},
                {"recipe", facts.recipe_text},
                {"run", job.run},
                {"layers", config.layers},
                {"parameters", model::ParametersOf(config)},
                {"steps", job.training->steps()},
                {"steps_done", facts.log.losses.size()},
                {"left_out", job.texts.left_out},
                {"held_out", held_out}};
  if (facts.recipe.rank > 0) card["adapter"] = {{"rank", facts.recipe.rank}, {"alpha", facts.recipe.alpha}};
  if (facts.recipe.teacher.empty()) return card;
  card["teacher"] = {{"name", facts.recipe.teacher.filename().string()}, {"sha256", job.teacher_sha256}};
  if (!job.layers.empty()) card["teacher"]["layers_taken"] = job.layers;
  if (job.teacher_grade) card["teacher"]["held_out"] = GradeValue(*job.teacher_grade);
  return card;
}

std::string Markdown(const WriterCardFacts& facts, const Value& card) {
  const Value& held_out = card["held_out"];
  const auto number = [](const Value& value) { return std::to_string(value.get<int64_t>()); };
  std::string made_of = card["made_of"]["name"].get<std::string>();
  if (card.contains("teacher")) made_of += ", taught by " + card["teacher"]["name"].get<std::string>();
  const bool adapts = facts.recipe.rank > 0;
  std::string md = "# " + facts.recipe.name + "\n\n" + (adapts ? "An adapter for a model" : "A model") +
                   " that writes, made of " + made_of + ".\n\n| | |\n|---|---|\n| digest (SHA-256 of " +
                   (adapts ? "adapter_model" : "model") + ".safetensors) | " + facts.digest + " |\n| layers | " +
                   number(card["layers"]) + " |\n| parameters | " + Millions(card["parameters"]) + " |\n| tokens of " +
                   number(held_out["texts"]) + " answers held out that it guesses | " +
                   Percent(held_out["token_accuracy"]) + " |\n";
  if (facts.job.teacher_grade) {
    md += "| of them the teacher | " + Percent(facts.job.teacher_grade->accuracy) + " |\n";
  }
  if (!facts.job.layers.empty()) {
    md += "| began with the teacher's layers, from 0 | " + Dump(Value(facts.job.layers)) + " |\n";
  }
  if (facts.job.texts.left_out > 0) {
    md += "| prompts left out, as the teacher came to no end | " + std::to_string(facts.job.texts.left_out) + " |\n";
  }
  md += "| best after step | " + number(held_out["best_step"]) + " of " + number(card["steps"]) + " |\n| seed | " +
        std::to_string(facts.recipe.training.seed) + " |\n\n![loss](loss.svg)\n\n";
  return md + DataTable(facts.job.texts.data) + "\n" + RecipeBlock(facts.recipe_text);
}

}  // namespace

std::map<std::string, std::string> WriterCards(const WriterCardFacts& facts) {
  const Value card = Card(facts);
  return {{"card.json", ToFileText(card)}, {"card.md", Markdown(facts, card)}, {"loss.svg", LossChart(facts.log)}};
}

}  // namespace troupe::tools
