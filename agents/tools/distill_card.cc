#include "agents/tools/distill_card.h"

#include "agents/tools/card_parts.h"
#include "runtime/model/size.h"

namespace troupe::tools {
namespace {

Value Card(const CardFacts& facts) {
  const DistillJob& job = facts.job;
  const model::ModelConfig& config = job.training->student().config();
  const train::Check& best = facts.log.best_check();
  Value card = {{"name", facts.recipe.name},
                {"task", "classify"},
                {"sha256", facts.digest},
                {"made_of", {{"name", job.base.path.filename().string()}, {"sha256", job.base_sha256}}},
                {"data", DataValue(job.data)},
                {"seed", facts.recipe.training.seed},
                {"recipe", facts.recipe_text},
                {"run", job.run},
                {"labels", config.labels.size()},
                {"layers", config.layers},
                {"feed_forward", config.ffn},
                {"parameters", model::ParametersOf(config)},
                {"layer_parameters", LayerParameters(config)},
                {"steps", job.training->steps()},
                {"held_out",
                 {{"texts", job.held_out.size()},
                  {"accuracy", best.grade.accuracy},
                  {"loss", best.grade.loss},
                  {"best_step", best.step}}},
                {"calibration", CalibrationValue(facts.calibration)}};
  if (facts.recipe.teacher.empty()) return card;
  card["teacher"] = {{"name", facts.recipe.teacher.filename().string()}, {"sha256", job.teacher_sha256}};
  if (!job.layers.empty()) card["teacher"]["layers_taken"] = job.layers;
  if (job.teacher_grade) card["teacher"]["held_out_accuracy"] = job.teacher_grade->accuracy;
  return card;
}

std::string Markdown(const CardFacts& facts, const Value& card) {
  const auto text = [&card](const char* field) { return card[field].get<std::string>(); };
  const auto number = [](const Value& value) { return std::to_string(value.get<int64_t>()); };
  const Value& held_out = card["held_out"];
  std::string made_of = card["made_of"]["name"].get<std::string>();
  if (card.contains("teacher")) made_of += ", taught by " + card["teacher"]["name"].get<std::string>();
  std::string md = "# " + text("name") + "\n\nA classifier of " + number(card["labels"]) + " labels, made of " +
                   made_of + ".\n\n| | |\n|---|---|\n| digest (SHA-256 of model.safetensors) | " + text("sha256") +
                   " |\n| layers, feed-forward | " + number(card["layers"]) + ", " + number(card["feed_forward"]) +
                   " |\n| parameters | " + Millions(card["parameters"]) + ", of them in layers " +
                   Millions(card["layer_parameters"]) + " |\n| accuracy on " + number(held_out["texts"]) +
                   " texts held out | " + Percent(held_out["accuracy"]) + " |\n";
  if (facts.job.teacher_grade) {
    md += "| the teacher's accuracy on them | " + Percent(facts.job.teacher_grade->accuracy) + " |\n";
  }
  if (!facts.job.layers.empty()) {
    md += "| began with the teacher's layers, from 0 | " + Dump(Value(facts.job.layers)) + " |\n";
  }
  md += CalibrationRow(facts.calibration) + "| best after step | " + number(held_out["best_step"]) + " of " +
        number(card["steps"]) + " |\n| seed | " + std::to_string(facts.recipe.training.seed) +
        " |\n\n![loss](loss.svg)\n\n";
  return md + DataTable(facts.job.data) + "\n" + RecipeBlock(facts.recipe_text);
}

}  // namespace

int64_t LayerParameters(const model::ModelConfig& c) {
  const int64_t norms = 4 * c.hidden, attention = 4 * (c.hidden * c.hidden + c.hidden);
  return c.layers * (attention + norms + 2 * c.hidden * c.ffn + c.ffn + c.hidden);
}

std::map<std::string, std::string> Cards(const CardFacts& facts) {
  const Value card = Card(facts);
  return {{"card.json", ToFileText(card)}, {"card.md", Markdown(facts, card)}, {"loss.svg", LossChart(facts.log)}};
}

}  // namespace troupe::tools
