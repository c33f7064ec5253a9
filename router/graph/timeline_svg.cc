#include <algorithm>
#include <cmath>
#include <map>

#include "router/graph/draw.h"
#include "router/graph/svg_text.h"

namespace troupe::graph {
namespace {

using State = TimelineRow::State;

constexpr double kRow = 26;
constexpr double kChart = 760;
constexpr double kTop = 84;
constexpr double kRight = 170;
constexpr size_t kMaxRows = 2000;

// 1, 2 or 5 times a power of ten, so that there are at most ten ticks.
int64_t TickMs(int64_t total_ms) {
  for (int64_t step = 1;; step *= 10) {
    for (int64_t factor : {1, 2, 5}) {
      if (total_ms <= step * factor * 10) return step * factor;
    }
  }
}

std::string Time(int64_t ms) {
  if (ms < 1000) return std::to_string(ms) + " ms";
  return Px(static_cast<double>(ms) / 1000) + " s";
}

int DepthOf(const std::string& path) { return static_cast<int>(std::count(path.begin(), path.end(), '.')); }

// "draft [2][0]" for "handle[2].answer[0].draft".
std::string LabelOf(const std::string& path) {
  size_t dot = path.rfind('.');
  if (dot == std::string::npos) return path;
  std::string rounds;
  for (size_t open = path.find('['); open < dot; open = path.find('[', open + 1)) {
    rounds += path.substr(open, path.find(']', open) + 1 - open);
  }
  return path.substr(dot + 1) + (rounds.empty() ? "" : " " + rounds);
}

std::string Note(const TimelineRow& row) {
  std::string note = Time(row.end_ms - row.start_ms);
  if (row.generated_tokens > 0) note += " · " + std::to_string(row.generated_tokens) + " tokens";
  if (row.attempt > 1) note += " · attempt " + std::to_string(row.attempt);
  if (row.state == State::kFailed) note += " · failed";
  if (row.state == State::kStopped) note += " · stopped";
  if (row.state == State::kRunning) note += " · running";
  if (row.state == State::kAsking) note += " · waiting for a person";
  return row.state == State::kSkipped ? "skipped" : note;
}

std::string Bar(const TimelineRow& row, double x, double y, double width, const std::map<std::string, int>& colours) {
  std::string fill = "#e2e8f0";
  std::string stroke = "#94a3b8";
  if (auto colour = colours.find(row.agent); colour != colours.end()) {
    fill = AgentFill(colour->second);
    stroke = AgentStroke(colour->second);
  }
  if (row.by_person) {
    fill = kPersonFill;
    stroke = kPersonStroke;
  }
  if (row.state == State::kFailed) {
    fill = "#fecaca";
    stroke = "#b91c1c";
  }
  // steps that hold steps are a thin line over what happens inside
  const double height = row.agent.empty() && !row.by_person ? 6 : 16;
  const bool open = row.state == State::kRunning || row.state == State::kAsking || row.state == State::kStopped ||
                    row.state == State::kSkipped;
  return "<rect x=\"" + Px(x) + "\" y=\"" + Px(y + (kRow - height) / 2) + "\" width=\"" + Px(std::max(2.0, width)) +
         "\" height=\"" + Px(height) + "\" rx=\"3\" fill=\"" + fill + "\" stroke=\"" + stroke + "\"" +
         (open ? " stroke-dasharray=\"4 3\"" : "") + "><title>" + XmlEscape(row.path + " " + row.replica) +
         "</title></rect>\n";
}

}  // namespace

std::string TimelineSvg(const std::string& title, const std::vector<TimelineRow>& all_rows) {
  const std::vector<TimelineRow> rows(all_rows.begin(), all_rows.begin() + std::min(all_rows.size(), kMaxRows));
  int64_t total = 1;
  double labels = 120;
  std::map<std::string, int> colours;
  for (const auto& row : rows) {
    total = std::max(total, row.end_ms);
    const std::string who = row.replica.empty() ? row.agent : row.replica;
    labels = std::max(labels, 16.0 * DepthOf(row.path) + TextWidth(LabelOf(row.path), 12) + TextWidth(who, 12) + 34);
    if (!row.agent.empty()) colours.emplace(row.agent, 0);
  }
  int next = 0;
  for (auto& [agent, colour] : colours) colour = next++;
  const double left = 24 + labels;
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  const double scale = kChart / static_cast<double>(total);

  std::string out = SvgStart(left + kChart + kRight, bottom + 36) + SvgText(24, 36, "title", title);
  for (int64_t tick = 0; tick <= total; tick += TickMs(total)) {
    const double x = left + static_cast<double>(tick) * scale;
    out += "<line x1=\"" + Px(x) + "\" y1=\"" + Px(kTop - 6) + "\" x2=\"" + Px(x) + "\" y2=\"" + Px(bottom + 6) +
           "\" stroke=\"#e2e8f0\"/>\n" + SvgText(x, kTop - 12, "small mid", Time(tick));
  }
  double y = kTop;
  for (const auto& row : rows) {
    const double indent = 16.0 * DepthOf(row.path);
    const double x = left + static_cast<double>(row.start_ms) * scale;
    const double width = static_cast<double>(std::max<int64_t>(0, row.end_ms - row.start_ms)) * scale;
    out += SvgText(24 + indent, y + 17, row.state == State::kFailed ? "bad" : "small", LabelOf(row.path));
    out += SvgText(left - 12, y + 17, "small end", row.replica.empty() ? row.agent : row.replica);
    out += Bar(row, x, y, width, colours);
    out += SvgText(x + std::max(2.0, width) + 8, y + 17, "small", Note(row));
    y += kRow;
  }
  if (rows.size() < all_rows.size()) {
    out += SvgText(24, bottom + 22, "small", "and " + std::to_string(all_rows.size() - rows.size()) + " more rows");
  }
  return out + "</svg>\n";
}

}  // namespace troupe::graph
