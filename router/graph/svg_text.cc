#include "router/graph/svg_text.h"

#include <cmath>
#include <cstdio>

namespace troupe::graph {
namespace {

struct Colour {
  const char* fill;
  const char* stroke;
};

constexpr Colour kColours[] = {{"#dbeafe", "#2563eb"}, {"#dcfce7", "#15803d"}, {"#fef3c7", "#b45309"},
                               {"#fae8ff", "#a21caf"}, {"#ffe4e6", "#be123c"}, {"#cffafe", "#0e7490"},
                               {"#ede9fe", "#6d28d9"}, {"#ecfccb", "#4d7c0f"}};
constexpr int kColourCount = sizeof(kColours) / sizeof(kColours[0]);

bool IsStart(char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }

}  // namespace

std::string XmlEscape(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else {
      // control characters are not allowed in XML 1.0 at all
      escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string Shorten(std::string_view text, int characters) {
  int count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsStart(text[i])) continue;
    if (++count == characters) {
      size_t next = i + 1;
      while (next < text.size() && !IsStart(text[next])) ++next;
      return next == text.size() ? std::string(text) : std::string(text.substr(0, i)) + "…";
    }
  }
  return std::string(text);
}

double TextWidth(std::string_view text, double size) {
  double width = 0;
  for (char c : text) {
    if (IsStart(c))
      width += c == 'i' || c == 'l' || c == '.' || c == ' ' || c == '\'' ? 0.32 : c == 'm' || c == 'w' ? 0.82 : 0.57;
  }
  return width * size;
}

std::string Px(double value) {
  char text[32];
  double rounded = std::round(value * 10) / 10;
  std::snprintf(text, sizeof text, rounded == std::floor(rounded) ? "%.0f" : "%.1f", rounded);
  return text;
}

std::string SvgText(double x, double y, std::string_view style, std::string_view text) {
  return "<text x=\"" + Px(x) + "\" y=\"" + Px(y) + "\" class=\"" + std::string(style) + "\">" + XmlEscape(text) +
         "</text>\n";
}

std::string AgentFill(int index) { return kColours[index % kColourCount].fill; }
std::string AgentStroke(int index) { return kColours[index % kColourCount].stroke; }

std::string SvgStart(double width, double height) {
  std::string size =
      "width=\"" + Px(width) + "\" height=\"" + Px(height) + "\" viewBox=\"0 0 " + Px(width) + " " + Px(height) + "\"";
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size +
         " font-family=\"Inter, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\">\n"
         "<style>.title{font-size:18px;font-weight:700;fill:#0f172a}.name{font-size:14px;font-weight:600;fill:#0f172a}"
         ".small{font-size:11.5px;fill:#475569}.mid{text-anchor:middle}.end{text-anchor:end}"
         ".bad{font-size:11.5px;fill:#b91c1c}.edge{fill:none;stroke:#64748b;stroke-width:1.6}"
         ".far{fill:none;stroke:#94a3b8;stroke-width:1.2;stroke-dasharray:5 4}</style>\n"
         "<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" "
         "orient=\"auto\"><path d=\"M0 0 10 5 0 10z\" fill=\"#64748b\"/></marker></defs>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
}

}  // namespace troupe::graph
