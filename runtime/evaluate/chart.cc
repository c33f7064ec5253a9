// The chart of a report.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "runtime/evaluate/chart_parts.h"
#include "runtime/evaluate/report.h"

namespace troupe::evaluate {
namespace {

Axis AxisFor(double low, double high, double begin, double end) {
  const double margin = std::max((high - low) * 0.1, std::abs(high) * 0.02 + 1e-6);
  return {std::max(0.0, low - margin), high + margin, begin, end};
}

}  // namespace

std::string Chart(const Report& report) {
  const bool timed = !report.rows.empty() && std::all_of(report.rows.begin(), report.rows.end(),
                                                         [](const Row& row) { return row.speed.has_value(); });
  const auto cost = [timed](const Row& row) {
    return timed ? 1e3 / row.speed->tokens_s[0] : static_cast<double>(row.weight_bytes) / 1e6;
  };
  double low_x = 1e300, high_x = 0, low_y = 100, high_y = 0;
  for (const Row& row : report.rows) {
    low_x = std::min(low_x, cost(row));
    high_x = std::max(high_x, cost(row));
    low_y = std::min(low_y, 100 * row.quality.agreement);
    high_y = std::max(high_y, 100 * row.quality.agreement);
  }
  const Axis x = AxisFor(low_x, high_x, kChartLeft, kChartRight);
  Axis y = AxisFor(low_y, high_y, kChartBottom, kChartTop);
  y.high = std::min(y.high, 100.0);
  std::string svg = ChartHead("circle{fill:#2a7ae2}.full{fill:#e2792a}");
  svg += ChartAxes(x, y, timed ? "milliseconds a token, one sequence" : "megabytes of weights in memory",
                   "same next token as the full model, %");
  for (size_t i = 0; i < report.rows.size(); ++i) {
    const Row& row = report.rows[i];
    const double at_x = x(cost(row)), at_y = y(100 * row.quality.agreement);
    char circle[160];
    std::snprintf(circle, sizeof(circle), "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n",
                  i == 0 ? " class=\"full\"" : "", at_x, at_y);
    svg += circle + ChartText(at_x + 9, at_y + 4, "start", row.name);
  }
  return svg + "</svg>\n";
}

}  // namespace troupe::evaluate
