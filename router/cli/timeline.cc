#include "router/cli/timeline.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "router/cli/format.h"
#include "router/cli/task_page.h"
#include "router/cli/text_width.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

constexpr int kLabelWidth = 300;
constexpr int kChartWidth = 760;
constexpr int kRowHeight = 24;
constexpr int kTop = 64;
constexpr int kMargin = 16;
constexpr int kLabelColumns = 40;

std::string Escape(const std::string& text) {
  std::string out;
  for (const char c : Neutralise(text, Newlines::kFlatten)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Number(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f", value);
  return buffer;
}

// 1, 2 or 5 times a power of ten, so that at most ten marks fit.
int64_t MarkEveryMs(int64_t span_ms) {
  for (int64_t power = 1;; power *= 10) {
    for (const int64_t factor : {1, 2, 5}) {
      if (span_ms / (factor * power) <= 10) return factor * power;
    }
  }
}

class Timeline {
 public:
  explicit Timeline(const v1::GetResponse& task) : task_(task), start_ms_(task.task().accepted_ms()) {
    int64_t end_ms = std::max<int64_t>(task.task().ended_ms(), start_ms_ + 1);
    for (const v1::Step& step : task.steps()) {
      if (step.attempts().empty()) continue;
      ++rows_;
      for (const v1::Attempt& attempt : step.attempts()) end_ms = std::max<int64_t>(end_ms, attempt.site().ended_ms());
    }
    span_ms_ = end_ms - start_ms_;
  }

  std::string Render() {
    const int width = kLabelWidth + kChartWidth + 2 * kMargin;
    const int height = kTop + rows_ * kRowHeight + 2 * kMargin;
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(width) + "\" height=\"" +
           std::to_string(height) + "\" viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
           "\">\n";
    out_ +=
        "<style>text{font:12px "
        "system-ui,sans-serif;fill:#24292f}.dim{fill:#6e7781}.title{font-size:15px;font-weight:600}"
        ".bar{fill:#2da44e}.failed{fill:#cf222e}.open{fill:#bf8700}.wait{fill:#afb8c1}line{stroke:#d0d7de}"
        "</style>\n";
    out_ += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    Title();
    Marks();
    int row = 0;
    for (const v1::Step& step : task_.steps()) {
      if (!step.attempts().empty()) Row(step, row++);
    }
    return out_ + "</svg>\n";
  }

 private:
  double X(int64_t time_ms) const {
    const double share =
        static_cast<double>(std::clamp<int64_t>(time_ms - start_ms_, 0, span_ms_)) / static_cast<double>(span_ms_);
    return kMargin + kLabelWidth + share * kChartWidth;
  }

  void Text(double x, double y, const std::string& css, const std::string& anchor, const std::string& text) {
    out_ += "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" class=\"" + css + "\" text-anchor=\"" + anchor +
            "\">" + Escape(text) + "</text>\n";
  }

  void Title() {
    const v1::Task& task = task_.task();
    std::string facts = StateName(task.state()) + " in " + FormatDuration(span_ms_);
    if (task.usage().generated_tokens() > 0) facts += ", " + Plural(task.usage().generated_tokens(), "token");
    Text(kMargin, kMargin + 12, "title", "start", task.graph());
    Text(kMargin, kMargin + 30, "dim", "start", task.task_id() + "   " + facts);
  }

  void Marks() {
    const int64_t every_ms = MarkEveryMs(span_ms_);
    const int bottom = kTop + rows_ * kRowHeight;
    for (int64_t at_ms = 0; at_ms <= span_ms_; at_ms += every_ms) {
      const std::string x = Number(X(start_ms_ + at_ms));
      out_ += "<line x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + std::to_string(kTop - 6) + "\" y2=\"" +
              std::to_string(bottom) + "\"/>\n";
      Text(X(start_ms_ + at_ms), kTop - 10, "dim", "middle", at_ms == 0 ? "0" : FormatDuration(at_ms));
    }
  }

  void Row(const v1::Step& step, int row) {
    const int y = kTop + row * kRowHeight;
    Text(kMargin, y + 16, "", "start", ClipStart(Neutralise(step.path(), Newlines::kFlatten), kLabelColumns));
    for (const v1::Attempt& attempt : step.attempts()) Bar(attempt, y);
  }

  // Pale from the decision to the sending, full while an agent worked on it.
  void Bar(const v1::Attempt& attempt, int y) {
    const bool ended = attempt.has_site() && attempt.site().ended_ms() > 0;
    const int64_t sent_ms =
        attempt.has_site() && attempt.site().sent_ms() > 0 ? attempt.site().sent_ms() : attempt.decided_ms();
    const int64_t end_ms = ended ? attempt.site().ended_ms() : start_ms_ + span_ms_;
    Rectangle("wait", attempt.decided_ms(), sent_ms, y + 9, 6, "");
    const std::string who = attempt.site().replica().empty() ? attempt.agent() : attempt.site().replica();
    std::string tip = who + ", try " + std::to_string(attempt.attempt()) + ", " + FormatDuration(end_ms - sent_ms);
    if (attempt.usage().generated_tokens() > 0) tip += ", " + Plural(attempt.usage().generated_tokens(), "token");
    if (!attempt.site().reason().empty()) tip += "; " + attempt.site().reason();
    if (!attempt.error_message().empty()) tip += "; " + attempt.error_message();
    Rectangle(attempt.error_code() != 0 ? "failed" : ended ? "bar" : "open", sent_ms, end_ms, y + 5, 14, tip);
    const double end_x = X(end_ms);
    const bool right = end_x < kMargin + kLabelWidth + kChartWidth - 110;
    if (right) {
      Text(end_x + 5, y + 16, "dim", "start", Clip(who, 16));
    } else {
      Text(X(sent_ms) - 5, y + 16, "dim", "end", Clip(who, 16));
    }
  }

  void Rectangle(const std::string& css, int64_t from_ms, int64_t to_ms, int y, int height, const std::string& tip) {
    if (css == "wait" && to_ms <= from_ms) return;
    const double from = X(from_ms);
    const double width = std::max(X(to_ms) - from, 2.0);
    out_ += "<rect class=\"" + css + "\" x=\"" + Number(from) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
            Number(width) + "\" height=\"" + std::to_string(height) + "\" rx=\"2\">" +
            (tip.empty() ? "" : "<title>" + Escape(tip) + "</title>") + "</rect>\n";
  }

  const v1::GetResponse& task_;
  const int64_t start_ms_;
  int64_t span_ms_ = 1;
  int rows_ = 0;
  std::string out_;
};

}  // namespace

std::string RenderTimeline(const v1::GetResponse& task) { return Timeline(task).Render(); }

Status WriteTimeline(const v1::GetResponse& task, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << RenderTimeline(task);
  file.close();
  if (!file) return FailedPrecondition("cannot write " + path + "; does its folder exist?");
  return {};
}

}  // namespace troupe::cli
