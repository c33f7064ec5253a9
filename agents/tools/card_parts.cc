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

std::string Digits(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", number);
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

std::string DataTable(const std::vector<DataFile>& files) {
  std::string md = "## Data\n\n| file | texts | use | SHA-256 |\n|---|---|---|---|\n";
  for (const DataFile& file : files) {
    md += "| " + file.path.filename().string() + " | " + std::to_string(file.texts) + " | " + file.use + " | " +
          file.sha256 + " |\n";
  }
  return md;
}

std::string RecipeBlock(const std::string& recipe_text) {
  return "## Recipe\n\n```yaml\n" + recipe_text + (recipe_text.ends_with('\n') ? "" : "\n") + "```\n";
}

Value CalibrationValue(const train::Calibration& calibration) {
  return {{"temperature", calibration.temperature},
          {"expected_calibration_error", {{"before", calibration.error_before}, {"after", calibration.error_after}}},
          {"cross_entropy", {{"before", calibration.loss_before}, {"after", calibration.loss_after}}},
          {"bins", train::kCalibrationBins}};
}

std::string CalibrationRow(const train::Calibration& calibration) {
  return "| temperature of its scores; expected calibration error without it, with it | " +
         Digits(calibration.temperature) + "; " + Digits(calibration.error_before) + ", " +
         Digits(calibration.error_after) + " |\n";
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

std::string ToFileText(const Value& card) { return card.dump(2, ' ', false, Value::error_handler_t::replace) + "\n"; }

}  // namespace troupe::tools
