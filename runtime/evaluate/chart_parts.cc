#include "runtime/evaluate/chart_parts.h"

#include <cstdio>

namespace troupe::evaluate {
namespace {

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

}  // namespace

std::string ChartHead(const std::string& styles) {
  char head[256];
  std::snprintf(head, sizeof(head),
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
                "font-size=\"12\">\n<style>text{fill:#777}.axis{stroke:#777}.grid{stroke:#7773}",
                kChartWidth, kChartHeight);
  return head + styles + "</style>\n";
}

std::string ChartText(double x, double y, const char* anchor, const std::string& text) {
  char head[128];
  std::snprintf(head, sizeof(head), "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
  return head + Escaped(text) + "</text>\n";
}

std::string ChartAxes(const Axis& x, const Axis& y, const std::string& x_says, const std::string& y_says) {
  std::string svg;
  for (int i = 0; i <= 4; ++i) {
    const double at_x = x.low + (x.high - x.low) * i / 4, at_y = y.low + (y.high - y.low) * i / 4;
    svg += Rule(x.begin, y(at_y), x.end, y(at_y), "grid") + ChartText(x.begin - 8, y(at_y) + 4, "end", Number(at_y));
    svg += Rule(x(at_x), y.begin, x(at_x), y.end, "grid") + ChartText(x(at_x), y.begin + 18, "middle", Number(at_x));
  }
  svg += Rule(x.begin, y.begin, x.end, y.begin, "axis") + Rule(x.begin, y.begin, x.begin, y.end, "axis");
  svg += ChartText((x.begin + x.end) / 2, kChartHeight - 16, "middle", x_says);
  return svg + ChartText(kChartLeft - 50, kChartTop - 16, "start", y_says);
}

}  // namespace troupe::evaluate
