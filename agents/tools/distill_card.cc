#include "agents/tools/distill_card.h"

#include <cstdio>

#include "runtime/evaluate/line_chart.h"
#include "runtime/model/size.h"

namespace troupe::tools {
namespace {

Value Card(const CardFacts& facts) {
  const DistillJob& job = facts.job;
  const model::ModelConfig& config = job.training->student().config();
  const train::Check& best = facts.log.checks.at(static_cast<size_t>(facts.log.best));
  Value data = Value::array();
  for (const DataFile& file : job.data) {
    data.push_back(
        {{"file", file.path.filename().string()}, {"sha256", file.sha256}, {"texts", file.texts}, {"use", file.use}});
  }
  Value card = {{"name", facts.recipe.name},
                {"task", "classify"},
                {"sha256", facts.digest},
                {"made_of", {{"name", job.base.path.filename().string()}, {"sha256", job.base_sha256}}},
                {"data", data},
                {"seed", facts.recipe.seed},
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
                  {"best_step", best.step}}}};
  if (facts.recipe.teacher.empty()) return card;
  card["teacher"] = {{"name", facts.recipe.teacher.filename().string()}, {"sha256", job.teacher_sha256}};
  if (!job.layers.empty()) card["teacher"]["layers_taken"] = job.layers;
  if (job.teacher_grade) card["teacher"]["held_out_accuracy"] = job.teacher_grade->accuracy;
  return card;
}

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f %%", 100 * share);
  return text;
}

std::string Millions(int64_t count) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f million", static_cast<double>(count) / 1e6);
  return text;
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
  md += "| best after step | " + number(held_out["best_step"]) + " of " + number(card["steps"]) + " |\n| seed | " +
        std::to_string(facts.recipe.seed) +
        " |\n\n![loss](loss.svg)\n\n## Data\n\n| file | texts | use | SHA-256 |\n|---|---|---|---|\n";
  for (const Value& file : card["data"]) {
    md += "| " + file["file"].get<std::string>() + " | " + number(file["texts"]) + " | " +
          file["use"].get<std::string>() + " | " + file["sha256"].get<std::string>() + " |\n";
  }
  return md + "\n## Recipe\n\n```yaml\n" + facts.recipe_text + (facts.recipe_text.ends_with('\n') ? "" : "\n") +
         "```\n";
}

std::string LossChart(const train::TrainingLog& log) {
  evaluate::ChartLine trained{.name = "training"}, held_out{.name = "held out"};
  for (size_t i = 0; i < log.losses.size(); ++i) {
    trained.points.emplace_back(static_cast<double>(i + 1), log.losses[i]);
  }
  for (const train::Check& check : log.checks) {
    held_out.points.emplace_back(static_cast<double>(check.step), check.grade.loss);
  }
  return evaluate::LineChart({trained, held_out}, "step", "loss (held out: cross-entropy, nats)");
}

}  // namespace

int64_t LayerParameters(const model::ModelConfig& c) {
  const int64_t norms = 4 * c.hidden, attention = 4 * (c.hidden * c.hidden + c.hidden);
  return c.layers * (attention + norms + 2 * c.hidden * c.ffn + c.ffn + c.hidden);
}

std::map<std::string, std::string> Cards(const CardFacts& facts) {
  const Value card = Card(facts);
  return {{"card.json", card.dump(2, ' ', false, Value::error_handler_t::replace) + "\n"},
          {"card.md", Markdown(facts, card)},
          {"loss.svg", LossChart(facts.log)}};
}

}  // namespace troupe::tools
