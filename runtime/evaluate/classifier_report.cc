#include "runtime/evaluate/classifier_report.h"

#include "runtime/evaluate/chart_parts.h"
#include "runtime/evaluate/table_parts.h"

namespace troupe::evaluate {
namespace {

constexpr double kTexts = 1000;  // what costs are told of

bool IsTimed(const ClassifierReport& report) { return !report.rows.empty() && report.rows.front().texts_s > 0; }

double DeviceSeconds(const ClassifierRow& row) { return kTexts / row.texts_s; }

std::string Percent(double share) { return Format("%.2f %%", 100 * share); }

}  // namespace

double ClassifierReport::Retention(const ClassifierRow& row) const {
  return rows.front().accuracy > 0 ? row.accuracy / rows.front().accuracy : 0;
}

std::string Markdown(const ClassifierReport& report) {
  const bool timed = IsTimed(report), energy = timed && report.cost.watts > 0;
  const bool money = timed && report.cost.price_per_hour > 0;
  std::vector<std::string> names{"model", "computes in", "parameters", "file MB",          "memory MB",
                                 "right", "kept",        "agreement",  "calibration error"};
  if (timed) {
    names.insert(names.end(), {"ms a text", "texts/s by " + std::to_string(kTogether), "device-s for 1,000"});
  }
  if (energy) names.push_back("J for 1,000");
  if (money) names.push_back("money for 1,000");
  std::string text = "Texts: " + report.texts + ". Machine: " + report.machine +
                     ".\nThe first model is the full one: kept is the share of its accuracy, agreement how often both "
                     "give the same label.\n\n" +
                     Line(names) + Rule(names.size());
  for (const ClassifierRow& row : report.rows) {
    std::vector<std::string> cells{row.name,
                                   row.scheme,
                                   Format("%.1f million", static_cast<double>(row.parameters) / 1e6),
                                   Megabytes(row.file_bytes),
                                   Megabytes(row.weight_bytes),
                                   Percent(row.accuracy),
                                   Percent(report.Retention(row)),
                                   Percent(row.agreement),
                                   Format("%.3f", row.calibration_error)};
    if (timed) {
      cells.insert(cells.end(),
                   {Format("%.2f", row.text_ms), Format("%.0f", row.texts_s), Format("%.2f", DeviceSeconds(row))});
    }
    if (energy) cells.push_back(Format("%.1f", report.cost.Joules(DeviceSeconds(row))));
    if (money) cells.push_back(Format("%.6f", report.cost.Money(DeviceSeconds(row))));
    text += Line(cells);
  }
  return text;
}

Value Json(const ClassifierReport& report) {
  Value rows = Value::array();
  for (const ClassifierRow& row : report.rows) {
    Value json = {{"name", row.name},
                  {"computes_in", row.scheme},
                  {"parameters", row.parameters},
                  {"file_bytes", row.file_bytes},
                  {"weight_bytes", row.weight_bytes},
                  {"accuracy", row.accuracy},
                  {"retention", report.Retention(row)},
                  {"agreement", row.agreement},
                  {"calibration_error", row.calibration_error}};
    if (row.texts_s > 0) {
      const double seconds = DeviceSeconds(row);
      json.update({{"text_ms", row.text_ms}, {"texts_s", row.texts_s}, {"device_s_per_1000", seconds}});
      if (report.cost.watts > 0) json["joules_per_1000"] = report.cost.Joules(seconds);
      if (report.cost.price_per_hour > 0) json["money_per_1000"] = report.cost.Money(seconds);
    }
    rows.push_back(std::move(json));
  }
  return {{"texts", report.texts}, {"machine", report.machine}, {"models", rows}};
}

std::string Chart(const ClassifierReport& report) {
  const bool timed = IsTimed(report);
  std::vector<ChartPoint> points;
  for (const ClassifierRow& row : report.rows) {
    points.push_back({row.name, timed ? row.text_ms : static_cast<double>(row.weight_bytes) / 1e6, 100 * row.accuracy});
  }
  return PointChart(points, timed ? "milliseconds a text" : "megabytes of weights in memory", "right answers, %");
}

}  // namespace troupe::evaluate
