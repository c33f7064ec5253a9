#include "runtime/evaluate/line_chart.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "runtime/evaluate/chart_parts.h"

namespace troupe::evaluate {
namespace {

constexpr std::array kColours{"#2a7ae2", "#e2792a", "#2aa36b", "#9a4fd0"};
constexpr size_t kMostPoints = 230;  // one for two units of the axis

std::vector<std::pair<double, double>> Thinned(const std::vector<std::pair<double, double>>& points) {
  const size_t together = (points.size() + kMostPoints - 1) / kMostPoints;
  std::vector<std::pair<double, double>> thinned;
  for (size_t begin = 0; begin < points.size(); begin += together) {
    const size_t end = std::min(begin + together, points.size());
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += points[i].second;
    thinned.emplace_back(points[end - 1].first, sum / static_cast<double>(end - begin));
  }
  return thinned;
}

}  // namespace

std::string LineChart(const std::vector<ChartLine>& lines, const std::string& x_says, const std::string& y_says) {
  std::vector<ChartLine> drawn = lines;
  double right = 1e-9, top = 1e-9;
  for (ChartLine& line : drawn) {
    line.points = Thinned(line.points);
    for (const auto& [x, y] : line.points) {
      right = std::max(right, x);
      top = std::max(top, y);
    }
  }
  const Axis x{0, right, kChartLeft, kChartRight}, y{0, top * 1.05, kChartBottom, kChartTop};
  std::string svg = ChartHead("polyline{fill:none;stroke-width:1.5}") + ChartAxes(x, y, x_says, y_says);
  for (size_t i = 0; i < drawn.size(); ++i) {
    if (drawn[i].points.empty()) continue;
    svg += "<polyline stroke=\"" + std::string(kColours[i % kColours.size()]) + "\" points=\"";
    for (const auto& [at_x, at_y] : drawn[i].points) {
      char point[48];
      std::snprintf(point, sizeof(point), "%.1f,%.1f ", x(at_x), y(at_y));
      svg += point;
    }
    svg += "\"/>\n" + ChartText(kChartRight + 8, y(drawn[i].points.back().second) + 4, "start", drawn[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace troupe::evaluate
