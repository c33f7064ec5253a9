#include "agents/tools/card_parts.h"

#include <cstdio>

#include "runtime/evaluate/line_chart.h"

namespace troupe::tools {

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

Value DataValue(const std::vector<DataFile>& files) {
  Value data = Value::array();
  for (const DataFile& file : files) {
    data.push_back(
        {{"file", file.path.filename().string()}, {"sha256", file.sha256}, {"texts", file.texts}, {"use", file.use}});
  }
  return data;
}

std::string DataSection(const Value& data) {
  std::string md = "## Data\n\n| file | texts | use | SHA-256 |\n|---|---|---|---|\n";
  for (const Value& file : data) {
    md += "| " + file["file"].get<std::string>() + " | " + std::to_string(file["texts"].get<int64_t>()) + " | " +
          file["use"].get<std::string>() + " | " + file["sha256"].get<std::string>() + " |\n";
  }
  return md;
}

std::string RecipeSection(const std::string& recipe) {
  return "\n## Recipe\n\n```yaml\n" + recipe + (recipe.ends_with('\n') ? "" : "\n") + "```\n";
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

}  // namespace troupe::tools
