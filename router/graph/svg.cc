// The picture of a graph: steps in layers by longest path (the layering step of Sugiyama's method), inside of steps
// that hold steps again so.
#include <algorithm>
#include <map>

#include "router/graph/draw.h"
#include "router/graph/outline.h"
#include "router/graph/svg_text.h"

namespace troupe::graph {
namespace {

constexpr double kMargin = 28;
constexpr double kGapX = 30;
constexpr double kGapY = 44;
constexpr double kPadding = 22;
constexpr double kLine = 17;
constexpr int kDetailCharacters = 44;

struct Box {
  const Step* step = nullptr;
  double x = 0;  // relative to the scope around it
  double y = 0;
  double width = 0;
  double height = 0;
  int layer = 0;
  // Where the tallest box of its layer ends: arrows go straight down to there, past the box beside.
  double layer_end = 0;
  std::vector<std::string> lines;
  // Where the steps inside of it begin, and they.
  double header = 0;
  std::vector<Box> inner;
};

class Painter {
 public:
  explicit Painter(const Graph& graph) : graph_(graph) {
    for (const auto& [name, agent] : graph.agents) colours_.emplace(name, static_cast<int>(colours_.size()));
  }

  std::string Paint() {
    auto [width, height] = Layout(graph_.root, boxes_);
    double legend_width = PaintLegend(0, 0, nullptr);
    const double total = std::max({width, legend_width, 420.0}) + 2 * kMargin;
    const double left = (total - width) / 2;
    const double top = 112;
    const std::string input = "task: " + FieldNames();
    const double middle = total / 2;
    std::string body = SvgText(kMargin, 38, "title", graph_.name);
    PaintPill(middle, 58, Shorten(input, 60), body);
    const double bottom = top + height + kGapY;
    PaintEnds(left, top, middle, 86, bottom, body);
    PaintScope(graph_.root, boxes_, left, top, body);
    PaintPill(middle, bottom, "answer", body);
    double legend_bottom = bottom + 28;
    PaintLegend(kMargin, bottom + 58, &body, &legend_bottom);
    return SvgStart(total, legend_bottom + kMargin) + body + "</svg>\n";
  }

 private:
  std::string FieldNames() const {
    std::string names;
    for (const auto& field : graph_.input.fields) names += (names.empty() ? "" : ", ") + field.name;
    return names;
  }

  std::pair<double, double> Layout(const Scope& scope, std::vector<Box>& boxes) {
    boxes.resize(scope.steps.size());
    int layers = 0;
    for (size_t turn = 0; turn < scope.steps.size(); ++turn) {
      for (size_t i = 0; i < scope.steps.size(); ++i) {
        for (int other : scope.steps[i].waits_for) boxes[i].layer = std::max(boxes[i].layer, boxes[other].layer + 1);
        layers = std::max(layers, boxes[i].layer + 1);
      }
    }
    for (size_t i = 0; i < scope.steps.size(); ++i) Measure(scope.steps[i], boxes[i]);
    double width = 0;
    std::vector<double> widths(layers, -kGapX);
    std::vector<double> heights(layers, 0);
    for (const auto& box : boxes) {
      widths[box.layer] += box.width + kGapX;
      heights[box.layer] = std::max(heights[box.layer], box.height);
      width = std::max(width, widths[box.layer]);
    }
    double y = 0;
    for (int layer = 0; layer < layers; ++layer) {
      double x = (width - widths[layer]) / 2;
      for (auto& box : boxes) {
        if (box.layer != layer) continue;
        box.x = x;
        box.y = y;
        box.layer_end = y + heights[layer];
        x += box.width + kGapX;
      }
      y += heights[layer] + kGapY;
    }
    return {width, std::max(0.0, y - kGapY)};
  }

  void Measure(const Step& step, Box& box) {
    box.step = &step;
    box.lines.push_back(Summary(graph_, step));
    for (const auto& line : Details(step)) box.lines.push_back(Shorten(line, kDetailCharacters));
    double text = TextWidth(step.name, 15);
    for (const auto& line : box.lines) text = std::max(text, TextWidth(line, 11.8));
    box.width = std::max(150.0, text + 36);
    box.header = 30 + kLine * static_cast<double>(box.lines.size()) + 8;
    box.height = box.header;
    const Scope* body = StepsInside(step);
    if (body == nullptr) return;
    auto [width, height] = Layout(*body, box.inner);
    box.width = std::max(box.width, width + 2 * kPadding);
    box.header += 10;
    box.height = box.header + height + kPadding;
    // the steps inside stand in the middle
    for (auto& inner : box.inner) inner.x += (box.width - width) / 2;
  }

  void PaintScope(const Scope& scope, const std::vector<Box>& boxes, double x, double y, std::string& out) {
    for (size_t i = 0; i < boxes.size(); ++i) {
      for (int other : scope.steps[i].waits_for) PaintEdge(boxes[other], boxes[i], x, y, out);
    }
    for (const auto& box : boxes) PaintBox(box, x + box.x, y + box.y, out);
  }

  // From the lower edge of one box to the upper edge of the other. Arrows over more than one layer are drawn fainter:
  // they pass behind what stands between.
  void PaintEdge(const Box& from, const Box& to, double x, double y, std::string& out) {
    const double x1 = x + from.x + from.width / 2;
    const double y0 = y + from.y + from.height;
    const double y1 = y + from.layer_end;
    const double x2 = x + to.x + to.width / 2;
    const double y2 = y + to.y - 2;
    PaintCurve(x1, y0, y1, x2, y2, to.layer - from.layer > 1 ? "far" : "edge", out);
  }

  // Straight down from y0 to y1, then over to (x2, y2).
  void PaintCurve(double x1, double y0, double y1, double x2, double y2, const char* style, std::string& out) {
    const double bend = std::max(16.0, (y2 - y1) / 2);
    out += "<path class=\"" + std::string(style) + "\" marker-end=\"url(#tip)\" d=\"M" + Px(x1) + " " + Px(y0) + " V" +
           Px(y1) + " C" + Px(x1) + " " + Px(y1 + bend) + " " + Px(x2) + " " + Px(y2 - bend) + " " + Px(x2) + " " +
           Px(y2) + "\"/>\n";
  }

  void PaintBox(const Box& box, double x, double y, std::string& out) {
    const Step& step = *box.step;
    const bool holds = StepsInside(step) != nullptr;
    const bool person = step.approve.has_value();
    const std::string agent = AgentOf(step);
    const int colour = colours_.contains(agent) ? colours_.at(agent) : 0;
    const std::string stroke = holds ? "#94a3b8" : person ? kPersonStroke : AgentStroke(colour);
    const std::string fill = holds ? "#f8fafc" : person ? kPersonFill : AgentFill(colour);
    out += "<rect x=\"" + Px(x) + "\" y=\"" + Px(y) + "\" width=\"" + Px(box.width) + "\" height=\"" + Px(box.height) +
           "\" rx=\"10\" fill=\"" + fill + "\" stroke=\"" + stroke + "\" stroke-width=\"1.5\"" +
           (step.when ? " stroke-dasharray=\"6 4\"" : "") + "/>\n";
    const std::string middle = holds ? "" : " mid";
    const double text_x = holds ? x + 16 : x + box.width / 2;
    out += SvgText(text_x, y + 24, "name" + middle, step.name);
    double line_y = y + 24;
    for (const auto& line : box.lines) out += SvgText(text_x, line_y += kLine, "small" + middle, line);
    if (holds) PaintScope(*StepsInside(step), box.inner, x, y + box.header, out);
  }

  void PaintPill(double middle, double y, const std::string& text, std::string& out) {
    const double width = TextWidth(text, 12) + 40;
    out += "<rect x=\"" + Px(middle - width / 2) + "\" y=\"" + Px(y) + "\" width=\"" + Px(width) +
           "\" height=\"28\" rx=\"14\" fill=\"#0f172a\"/>\n<text x=\"" + Px(middle) + "\" y=\"" + Px(y + 18) +
           "\" font-size=\"12\" fill=\"#ffffff\" text-anchor=\"middle\">" + XmlEscape(text) + "</text>\n";
  }

  // From the task into the steps that wait for none, and from the steps of the output to the answer.
  void PaintEnds(double left, double top, double middle, double start, double end, std::string& out) {
    for (const auto& box : boxes_) {
      if (!box.step->waits_for.empty()) continue;
      PaintCurve(middle, start, start, left + box.x + box.width / 2, top + box.y - 2, "edge", out);
    }
    int last_layer = 0;
    for (const auto& box : boxes_) last_layer = std::max(last_layer, box.layer);
    for (int index : OutputSteps(graph_.root)) {
      const Box& box = boxes_[index];
      PaintCurve(left + box.x + box.width / 2, top + box.y + box.height, top + box.layer_end, middle, end - 2,
                 box.layer < last_layer ? "far" : "edge", out);
    }
  }

  // One box for each pool with its agents; gives the width it takes. Without `out` it only measures.
  double PaintLegend(double x, double y, std::string* out, double* bottom = nullptr) {
    std::map<std::string, std::vector<const Agent*>> pools;
    for (const auto& [name, agent] : graph_.agents) pools[agent.pool].push_back(&agent);
    const double start = x;
    for (const auto& [name, agents] : pools) {
      std::string title = name.empty() ? "cpu" : "pool " + name;
      auto pool = graph_.pools.find(name);
      if (pool != graph_.pools.end() && !pool->second.gpus.empty()) {
        title += ":";
        for (const auto& gpu : pool->second.gpus) title += " " + gpu;
      }
      double width = TextWidth(title, 14) + 36;
      for (const auto* agent : agents) width = std::max(width, TextWidth(AgentLine(*agent), 11.8) + 64);
      const double height = 40 + 22 * static_cast<double>(agents.size());
      if (out != nullptr) {
        *out += "<rect x=\"" + Px(x) + "\" y=\"" + Px(y) + "\" width=\"" + Px(width) + "\" height=\"" + Px(height) +
                "\" rx=\"8\" fill=\"none\" stroke=\"#cbd5e1\"/>\n" + SvgText(x + 16, y + 24, "name", title);
        double line = y + 24;
        for (const auto* agent : agents) {
          line += 22;
          const int colour = colours_.at(agent->name);
          *out += "<rect x=\"" + Px(x + 16) + "\" y=\"" + Px(line - 11) +
                  "\" width=\"16\" height=\"13\" rx=\"3\" fill=\"" + AgentFill(colour) + "\" stroke=\"" +
                  AgentStroke(colour) + "\"/>\n" + SvgText(x + 40, line, "small", AgentLine(*agent));
        }
      }
      if (bottom != nullptr) *bottom = std::max(*bottom, y + height);
      x += width + 18;
    }
    return x - start - 18;
  }

  static std::string AgentLine(const Agent& agent) {
    std::string line = agent.name + " · " + agent.kind->name;
    if (!agent.model.empty()) line += " · " + agent.model;
    if (agent.max_replicas > 1) {
      line += " · " + std::to_string(agent.min_replicas) + " to " + std::to_string(agent.max_replicas) + " replicas";
    }
    return line;
  }

  const Graph& graph_;
  std::map<std::string, int> colours_;
  std::vector<Box> boxes_;
};

}  // namespace

std::string ToSvg(const Graph& graph) { return Painter(graph).Paint(); }

}  // namespace troupe::graph
