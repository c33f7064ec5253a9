// The chart of a report: SVG by hand, readable on light and dark ground.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "runtime/evaluate/report.h"

namespace troupe::evaluate {
namespace {

constexpr double kWidth = 720, kHeight = 420, kLeft = 70, kRight = 190, kTop = 40, kBottom = 60;

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Text(double x, double y, const char* anchor, const std::string& text) {
  char head[128];
  std::snprintf(head, sizeof(head), "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
  return head + Escaped(text) + "</text>\n";
}

std::string Rule(double x1, double y1, double x2, double y2, const char* kind) {
  char line[160];
  std::snprintf(line, sizeof(line), "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", kind, x1,
                y1, x2, y2);
  return line;
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), value < 10 ? "%.1f" : "%.0f", value);
  return text;
}

// From values to places on the drawing.
struct Axis {
  double low = 0, high = 1, begin = 0, end = 1;
  double operator()(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

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
  const Axis x = AxisFor(low_x, high_x, kLeft, kWidth - kRight);
  Axis y = AxisFor(low_y, high_y, kHeight - kBottom, kTop);
  y.high = std::min(y.high, 100.0);
  char head[512];
  std::snprintf(head, sizeof(head),
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
                "font-size=\"12\">\n<style>text{fill:#777}.axis{stroke:#777}.grid{stroke:#7773}"
                "circle{fill:#2a7ae2}.full{fill:#e2792a}</style>\n",
                kWidth, kHeight);
  std::string svg = head;
  for (int i = 0; i <= 4; ++i) {
    const double at_x = x.low + (x.high - x.low) * i / 4, at_y = y.low + (y.high - y.low) * i / 4;
    svg += Rule(x.begin, y(at_y), x.end, y(at_y), "grid") + Text(x.begin - 8, y(at_y) + 4, "end", Number(at_y));
    svg += Rule(x(at_x), y.begin, x(at_x), y.end, "grid") + Text(x(at_x), y.begin + 18, "middle", Number(at_x));
  }
  svg += Rule(x.begin, y.begin, x.end, y.begin, "axis") + Rule(x.begin, y.begin, x.begin, y.end, "axis");
  svg += Text((x.begin + x.end) / 2, kHeight - 16, "middle",
              timed ? "milliseconds a token, one sequence" : "megabytes of weights in memory");
  svg += Text(kLeft - 50, kTop - 16, "start", "same next token as the full model, %");
  for (size_t i = 0; i < report.rows.size(); ++i) {
    const Row& row = report.rows[i];
    const double at_x = x(cost(row)), at_y = y(100 * row.quality.agreement);
    char circle[160];
    std::snprintf(circle, sizeof(circle), "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n",
                  i == 0 ? " class=\"full\"" : "", at_x, at_y);
    svg += circle + Text(at_x + 9, at_y + 4, "start", row.name);
  }
  return svg + "</svg>\n";
}

}  // namespace troupe::evaluate
