// The chart of a report.
#include <algorithm>

#include "runtime/evaluate/chart_parts.h"
#include "runtime/evaluate/report.h"

namespace troupe::evaluate {

std::string Chart(const Report& report) {
  const bool timed = !report.rows.empty() && std::all_of(report.rows.begin(), report.rows.end(),
                                                         [](const Row& row) { return row.speed.has_value(); });
  std::vector<ChartPoint> points;
  for (const Row& row : report.rows) {
    const double cost = timed ? 1e3 / row.speed->tokens_s[0] : static_cast<double>(row.weight_bytes) / 1e6;
    points.push_back({row.name, cost, 100 * row.quality.agreement});
  }
  return PointChart(points, timed ? "milliseconds a token, one sequence" : "megabytes of weights in memory",
                    "same next token as the full model, %");
}

}  // namespace troupe::evaluate
