// Named points on a plane.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "runtime/evaluate/chart_parts.h"

namespace troupe::evaluate {
namespace {

Axis AxisFor(double low, double high, double begin, double end) {
  const double margin = std::max((high - low) * 0.1, std::abs(high) * 0.02 + 1e-6);
  return {std::max(0.0, low - margin), high + margin, begin, end};
}

}  // namespace

std::string PointChart(const std::vector<ChartPoint>& points, const std::string& x_says, const std::string& y_says) {
  double low_x = 1e300, high_x = 0, low_y = 100, high_y = 0;
  for (const ChartPoint& point : points) {
    low_x = std::min(low_x, point.x);
    high_x = std::max(high_x, point.x);
    low_y = std::min(low_y, point.y);
    high_y = std::max(high_y, point.y);
  }
  const Axis x = AxisFor(low_x, high_x, kChartLeft, kChartRight);
  Axis y = AxisFor(low_y, high_y, kChartBottom, kChartTop);
  y.high = std::min(y.high, 100.0);
  std::string svg = ChartHead("circle{fill:#2a7ae2}.full{fill:#e2792a}") + ChartAxes(x, y, x_says, y_says);
  for (size_t i = 0; i < points.size(); ++i) {
    const double at_x = x(points[i].x), at_y = y(points[i].y);
    char circle[160];
    std::snprintf(circle, sizeof(circle), "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n",
                  i == 0 ? " class=\"full\"" : "", at_x, at_y);
    svg += circle + ChartText(at_x + 9, at_y + 4, "start", points[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace troupe::evaluate
