#include "router/cli/screen.h"

#include <algorithm>

#include "router/cli/approval.h"
#include "router/cli/format.h"
#include "router/cli/text_width.h"
#include "router/client/state_name.h"

namespace troupe::cli {
namespace {

constexpr const char* kBold = "1";
constexpr const char* kDim = "2";
constexpr const char* kRed = "31";
constexpr const char* kGreen = "32";
constexpr const char* kYellow = "33";
constexpr const char* kCyan = "36";

constexpr int kAgentColumns = 14;
constexpr int kTimeColumns = 10;
constexpr int kTokenColumns = 12;

std::string Glyph(v1::StepState state, int frame, bool unicode) {
  static const char* const kSpinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  static const char* const kPlainSpinner[] = {"|", "/", "-", "\\"};
  switch (state) {
    case v1::STEP_STATE_DONE:
      return unicode ? "✓" : "+";
    case v1::STEP_STATE_FAILED:
      return unicode ? "✗" : "x";
    case v1::STEP_STATE_SKIPPED:
      return unicode ? "–" : "-";
    case v1::STEP_STATE_STOPPED:
      return unicode ? "■" : "=";
    case v1::STEP_STATE_WAITS_FOR_PERSON:
      return "?";
    default:
      return unicode ? kSpinner[frame % 10] : kPlainSpinner[frame % 4];
  }
}

const char* GlyphColour(v1::StepState state) {
  switch (state) {
    case v1::STEP_STATE_DONE:
      return kGreen;
    case v1::STEP_STATE_FAILED:
      return kRed;
    case v1::STEP_STATE_RUNNING:
      return kCyan;
    case v1::STEP_STATE_WAITS_FOR_PERSON:
      return kYellow;
    default:
      return kDim;
  }
}

const char* StateColour(v1::TaskState state) {
  return state == v1::TASK_STATE_DONE ? kGreen : state == v1::TASK_STATE_RUNNING ? kCyan : kRed;
}

bool IsRunning(const StepView& step) {
  return step.state == v1::STEP_STATE_RUNNING || step.state == v1::STEP_STATE_WAITING ||
         step.state == v1::STEP_STATE_WAITS_FOR_PERSON;
}

class Renderer {
 public:
  Renderer(const TaskView& view, UnixMs now_ms, int frame, const ScreenStyle& style, Moment moment)
      : view_(view), now_ms_(now_ms), frame_(frame), style_(style), moment_(moment) {}

  std::vector<std::string> Render() {
    Header();
    for (const std::string& path : view_.roots()) Row(*view_.Find(path));
    if (moment_ == Moment::kLive) FitHeight();
    return std::move(lines_);
  }

 private:
  void Header() {
    const UnixMs end_ms = view_.ended() ? view_.ended_ms() : now_ms_;
    const std::string name = Clip(Neutralise(view_.graph(), Newlines::kFlatten), style_.width);
    std::string rest =
        std::string("  ") + client::StateName(view_.state()) + "  " + FormatDuration(end_ms - view_.accepted_ms());
    if (view_.generated_tokens() > 0) rest += "  " + Plural(view_.generated_tokens(), "token");
    if (!view_.task_id().empty()) rest += "  " + view_.task_id();
    rest = Clip(rest, style_.width - DisplayWidth(name));
    lines_.push_back(Paint(name, kBold, style_.colour) + Paint(rest, StateColour(view_.state()), style_.colour));
  }

  // The step's own line, then what belongs below it.
  void Row(const StepView& step) {
    lines_.push_back(StepLine(step));
    TextLines(step);
    const bool folded = moment_ == Moment::kLive && !IsRunning(step);
    if (folded) return;
    for (const std::string& path : step.children) Row(*view_.Find(path));
  }

  std::string StepLine(const StepView& step) const {
    const bool leaf = (step.children.empty() || !step.attempts.empty()) && !step.is_round;
    const int agent_columns = style_.width >= 72 ? kAgentColumns : 0;
    const int time_columns = style_.width >= 36 ? kTimeColumns : 0;
    const int token_columns = style_.width >= 56 ? kTokenColumns : 0;
    const int left = style_.width - agent_columns - time_columns - token_columns;
    const int indent = std::min(2 * step.depth, std::max(0, left - 12));

    std::string name = step.name;
    if (!step.attempts.empty() && step.attempts.back().attempt > 1) {
      name += " (try " + std::to_string(step.attempts.back().attempt) + ")";
    }
    name = Clip(name, left - indent - 2);
    std::string note = step.label;
    if (!step.verdict.empty()) note = step.verdict;
    if (step.rounds > 0) note = std::to_string(step.rounds_ended) + "/" + std::to_string(step.rounds);
    note = Neutralise(note, Newlines::kFlatten);
    const int note_columns = left - indent - 2 - DisplayWidth(name) - 2;
    std::string line = std::string(static_cast<size_t>(indent), ' ') +
                       Paint(Glyph(step.state, frame_, style_.unicode), GlyphColour(step.state), style_.colour) + " " +
                       name;
    int used = indent + 2 + DisplayWidth(name);
    if (!note.empty() && note_columns > 0) {
      note = Clip(note, note_columns - 1);
      line += "  " + Paint(note, kDim, style_.colour);
      used += 2 + DisplayWidth(note);
    }
    std::string right;
    if (agent_columns > 0) right += PadRight(leaf ? AgentOf(step) : "", agent_columns - 1) + " ";
    if (time_columns > 0) right += PadLeft(TimeOf(step), time_columns);
    if (token_columns > 0) {
      right += PadLeft(step.generated_tokens > 0 ? FormatCount(step.generated_tokens) + " tok" : "", token_columns);
    }
    right.erase(right.find_last_not_of(' ') + 1);
    if (right.empty()) return line;
    return line + std::string(static_cast<size_t>(std::max(0, left - used)), ' ') + Paint(right, kDim, style_.colour);
  }

  // Streamed text under a step at work, the question under one that asks, the reason under a failed one.
  void TextLines(const StepView& step) {
    const int indent = std::min(2 * step.depth + 2, style_.width / 2);
    const std::string margin(static_cast<size_t>(indent), ' ');
    const int columns = style_.width - indent;
    if (IsRunning(step) && !step.text.empty()) {
      lines_.push_back(margin +
                       Paint(ClipStart(Neutralise(step.text, Newlines::kFlatten), columns), kYellow, style_.colour));
    }
    if (step.state == v1::STEP_STATE_WAITS_FOR_PERSON) AskLines(step.ask, step.path, margin, columns);
    if (step.error.empty() || (step.state != v1::STEP_STATE_FAILED && !IsRunning(step))) return;
    const std::string error =
        Neutralise(step.error, Newlines::kFlatten) + (step.tolerated ? " (going on without it)" : "");
    if (moment_ == Moment::kLive) {
      lines_.push_back(margin + Paint(Clip(error, columns), kRed, style_.colour));
      return;
    }
    for (const std::string& line : Wrap(error, columns)) lines_.push_back(margin + Paint(line, kRed, style_.colour));
  }

  // The whole command: it is there to be copied.
  void AskLines(const std::string& ask, const std::string& path, const std::string& margin, int columns) {
    lines_.push_back(margin + Paint(Clip(Neutralise(ask, Newlines::kFlatten), columns), kYellow, style_.colour));
    const std::string command = Neutralise(DecideCommand(view_.task_id(), path, style_.router), Newlines::kFlatten);
    for (const std::string& line : Wrap(command, columns)) lines_.push_back(margin + Paint(line, kDim, style_.colour));
  }

  std::string AgentOf(const StepView& step) const {
    if (step.attempts.empty()) return "";
    const AttemptView& last = step.attempts.back();
    return Neutralise(last.replica.empty() ? last.agent : last.replica, Newlines::kFlatten);
  }

  std::string TimeOf(const StepView& step) const {
    if (step.state == v1::STEP_STATE_SKIPPED) return "skipped";
    return FormatDuration((IsRunning(step) ? now_ms_ : step.ended_ms) - step.started_ms);
  }

  // Keeps the header and the newest lines: work goes on at the bottom.
  void FitHeight() {
    const size_t room = static_cast<size_t>(std::max(style_.height - 1, 3));
    if (lines_.size() <= room) return;
    const size_t hidden = lines_.size() - room + 1;
    lines_.erase(lines_.begin() + 1, lines_.begin() + 1 + static_cast<std::ptrdiff_t>(hidden));
    const std::string note = Clip("  … " + Plural(static_cast<int64_t>(hidden), "line") + " above", style_.width);
    lines_.insert(lines_.begin() + 1, Paint(note, kDim, style_.colour));
  }

  const TaskView& view_;
  const UnixMs now_ms_;
  const int frame_;
  const ScreenStyle& style_;
  const Moment moment_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string Paint(const std::string& text, const char* code, bool colour) {
  if (!colour || text.empty()) return text;
  return std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

std::vector<std::string> RenderScreen(const TaskView& view, UnixMs now_ms, int frame, const ScreenStyle& style,
                                      Moment moment) {
  ScreenStyle sane = style;
  sane.width = std::max(sane.width, 16);
  return Renderer(view, now_ms, frame, sane, moment).Render();
}

std::string AnswerText(const Value& output) {
  if (output.is_null()) return "";
  if (output.is_string()) return output.get<std::string>();
  if (output.is_object() && output.contains("text") && output["text"].is_string())
    return output["text"].get<std::string>();
  return output.dump(2, ' ', false, Value::error_handler_t::replace);
}

}  // namespace troupe::cli
