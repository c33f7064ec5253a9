// Private to runtime/evaluate: what charts are drawn of. SVG by hand, readable on light and dark ground. Pure.
#pragma once

#include <string>
#include <vector>

namespace troupe::evaluate {

inline constexpr double kChartWidth = 720, kChartHeight = 420;
// Where the axes end.
inline constexpr double kChartLeft = 70, kChartRight = 530, kChartTop = 40, kChartBottom = 360;

// From values to places on the drawing.
struct Axis {
  double low = 0, high = 1, begin = 0, end = 1;
  double operator()(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

// The beginning of a drawing, with `styles` (CSS) of its own. It ends with "</svg>\n".
std::string ChartHead(const std::string& styles);
// Both axes with five values each, and what they say.
std::string ChartAxes(const Axis& x, const Axis& y, const std::string& x_says, const std::string& y_says);
std::string ChartText(double x, double y, const char* anchor, const std::string& text);

// A drawing of named points, the first of which is what the others are measured against. `y` is in percent.
struct ChartPoint {
  std::string name;
  double x = 0, y = 0;
};
std::string PointChart(const std::vector<ChartPoint>& points, const std::string& x_says, const std::string& y_says);

}  // namespace troupe::evaluate
