// Hits against wrong answers, as SVG.
#pragma once

#include <string>
#include <vector>

namespace troupe::bench {

struct Point {
  double threshold = 0.0, hit_percent = 0.0, wrong_percent = 0.0;
};

struct Curve {
  std::string name;
  // The class of the line: "ours" or "plain".
  std::string kind;
  std::vector<Point> points;
};

// `chosen` is marked: the default setting.
std::string CurvesSvg(const std::vector<Curve>& curves, const Point& chosen);

}  // namespace troupe::bench
