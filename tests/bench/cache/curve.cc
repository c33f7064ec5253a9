#include "tests/bench/cache/curve.h"

#include <algorithm>
#include <cstdio>

namespace troupe::bench {
namespace {

constexpr double kWidth = 720, kHeight = 420, kLeft = 60, kRight = 30, kTop = 40, kBottom = 60;
// What is drawn: beyond that no cache should go.
constexpr double kMostHits = 80.0, kMostWrong = 3.0;

double X(double hits) { return kLeft + hits / kMostHits * (kWidth - kLeft - kRight); }
double Y(double wrong) { return kHeight - kBottom - wrong / kMostWrong * (kHeight - kTop - kBottom); }

template <typename... Values>
std::string Format(const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

std::string Axes() {
  std::string svg;
  for (double hits = 0; hits <= kMostHits; hits += 10) {
    svg += Format("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", X(hits), Y(0), X(hits),
                  Y(kMostWrong));
    svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f %%</text>\n", X(hits), Y(0) + 18, hits);
  }
  for (double wrong = 0; wrong <= kMostWrong; wrong += 0.5) {
    svg += Format("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                  wrong == 1.0 ? "bar" : "grid", X(0), Y(wrong), X(kMostHits), Y(wrong));
    svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.1f %%</text>\n", X(0) - 6, Y(wrong) + 4, wrong);
  }
  svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">requests answered from the cache</text>\n",
                X(kMostHits / 2), kHeight - 14);
  svg += Format("<text x=\"%.1f\" y=\"%.1f\">requests answered wrongly</text>\n", kLeft - 50, kTop - 14);
  return svg;
}

std::string Line(const Curve& curve, double label_y) {
  std::string points;
  for (const Point& point : curve.points) {
    if (point.wrong_percent <= kMostWrong && point.hit_percent <= kMostHits)
      points += Format("%.1f,%.1f ", X(point.hit_percent), Y(point.wrong_percent));
  }
  return "<polyline class=\"" + curve.kind + "\" points=\"" + points + "\"/>\n" +
         Format("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", curve.kind.c_str(),
                kLeft + 20, label_y - 4, kLeft + 50, label_y - 4) +
         Format("<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", kLeft + 58, label_y, curve.name.c_str());
}

}  // namespace

std::string CurvesSvg(const std::vector<Curve>& curves, const Point& chosen) {
  std::string svg = Format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n",
      kWidth, kHeight);
  svg +=
      "<style>text{fill:#555}.grid{stroke:#8884}.bar{stroke:#c33;stroke-dasharray:4 3}polyline{fill:none}"
      ".ours{stroke:#1a7f37;stroke-width:2}.plain{stroke:#888;stroke-width:2}circle{fill:#1a7f37}"
      "@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>\n";
  svg += Axes();
  double label_y = kTop + 20;
  for (const Curve& curve : curves) {
    svg += Line(curve, label_y);
    label_y += 20;
  }
  svg += Format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", X(chosen.hit_percent), Y(chosen.wrong_percent));
  svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">default: %.1f %% answered, %.2f %% wrong</text>\n",
                X(chosen.hit_percent) - 10, Y(chosen.wrong_percent) - 8, chosen.hit_percent, chosen.wrong_percent);
  return svg + "</svg>\n";
}

}  // namespace troupe::bench
