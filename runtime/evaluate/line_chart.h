// Lines over a common x, such as losses over steps: SVG, readable on light and dark ground. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace troupe::evaluate {

struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x and y, x rising
};

// The y axis begins at 0. Lines of more points than the drawing has room for are thinned to means of neighbours.
std::string LineChart(const std::vector<ChartLine>& lines, const std::string& x_says, const std::string& y_says);

}  // namespace troupe::evaluate
