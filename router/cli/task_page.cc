#include "router/cli/task_page.h"

#include <algorithm>

#include "router/cli/approval.h"
#include "router/cli/doubt.h"
#include "router/cli/format.h"
#include "router/cli/text_width.h"
#include "router/client/state_name.h"
#include "router/graph/price.h"
#include "runtime/base/digest.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::cli {
namespace {

constexpr const char* kDim = "2";
constexpr const char* kBold = "1";
constexpr const char* kRed = "31";
constexpr const char* kGreen = "32";
constexpr const char* kYellow = "33";
constexpr int kDetailIndent = 4;

std::string OneLine(const std::string& text) { return Neutralise(text, Newlines::kFlatten); }

// A prompt for a person: an input whose only field is text is shown as that text.
std::string InputText(const std::string& json) {
  const auto value = ParseValue(json);
  if (!value) return json;
  if (value->is_object() && value->size() == 1 && value->begin()->is_string())
    return value->begin()->get<std::string>();
  return value->dump(2, ' ', false, Value::error_handler_t::replace);
}

std::string Cost(const v1::Usage& usage) {
  std::string cost;
  const auto add = [&](const std::string& part) { cost += (cost.empty() ? "" : ", ") + part; };
  if (usage.prompt_tokens() > 0) add("read " + Plural(usage.prompt_tokens(), "token"));
  if (usage.generated_tokens() > 0) add("wrote " + Plural(usage.generated_tokens(), "token"));
  if (usage.device_us() > 0) add(FormatDuration(usage.device_us() / 1000) + " of device time");
  return cost;
}

class Page {
 public:
  Page(const v1::GetResponse& task, const ScreenStyle& style, Prompts prompts)
      : task_(task), style_(style), prompts_(prompts) {}

  std::vector<std::string> Render() {
    Head();
    if (!task_.steps().empty()) lines_.push_back("");
    for (const v1::Step& step : task_.steps()) StepLines(step);
    Tail();
    return std::move(lines_);
  }

 private:
  void Field(const std::string& name, const std::string& text) {
    if (text.empty()) return;
    lines_.push_back("  " + Paint(PadRight(name, 9), kDim, style_.colour) + Clip(OneLine(text), style_.width - 11));
  }

  void Head() {
    const v1::Task& task = task_.task();
    lines_.push_back(Paint("task " + OneLine(task.task_id()), kBold, style_.colour));
    Field("graph", task.graph() + " (version " + ShortDigest(task.graph_version()) + ")");
    const bool ended = task.ended_ms() > 0;
    Field("state", std::string(client::StateName(task.state())) +
                       (ended ? " in " + FormatDuration(task.ended_ms() - task.accepted_ms()) : ""));
    Field("accepted", FormatTime(task.accepted_ms()));
    const std::string money = task.money_micros() > 0 ? graph::FormatMicros(task.money_micros()) + " money" : "";
    const std::string cost = Cost(task.usage());
    Field("cost", cost.empty() || money.empty() ? cost + money : cost + ", " + money);
    std::string labels;
    for (const auto& [key, value] : task.labels()) labels += (labels.empty() ? "" : ", ") + key + "=" + value;
    Field("labels", labels);
    Field("input", task.input_json());
  }

  void StepLines(const v1::Step& step) {
    const bool failed = step.state() == v1::STEP_STATE_FAILED;
    const char* colour = failed ? kRed : step.state() == v1::STEP_STATE_DONE ? kGreen : kDim;
    const std::string state = client::StateName(step.state());
    const int path_columns = style_.width - DisplayWidth(state) - 2;
    lines_.push_back(Clip(OneLine(step.path()), path_columns) + "  " + Paint(state, colour, style_.colour));
    if (step.has_approval()) ApprovalLines(step.approval());
    for (const v1::Attempt& attempt : step.attempts()) {
      AttemptLines(attempt);
      if (step.has_doubt() && attempt.attempt() == step.doubt().attempt()) DoubtLines(step.doubt());
    }
    if (failed && step.attempts().empty()) Detail(step.error_message(), kRed);
    if (prompts_ == Prompts::kWhole && !step.output_json().empty()) {
      Detail("gave:", kDim);
      Block(InputText(step.output_json()));
    }
  }

  void ApprovalLines(const v1::Approval& approval) {
    const int columns = style_.width - kDetailIndent;
    for (const std::string& line : Wrap(OneLine("asked: " + approval.ask()), columns)) Detail(line, "0");
    if (approval.show_json() != "null" && !approval.show_json().empty()) {
      if (prompts_ == Prompts::kWhole) {
        Block(InputText(approval.show_json()));
      } else {
        Detail(Clip("shown: " + OneLine(InputText(approval.show_json())), columns), kDim);
      }
    }
    for (const std::string& line : Wrap(OneLine(VerdictLine(approval)), columns)) Detail(line, "0");
    if (approval.decided_ms() > 0) return;
    const std::string command = DecideCommand(task_.task().task_id(), approval.path(), style_.router);
    for (const std::string& line : Wrap(OneLine(command), columns)) Detail(line, kYellow);
  }

  void AttemptLines(const v1::Attempt& attempt) {
    const v1::WorkSite& site = attempt.site();
    std::string line = "try " + std::to_string(attempt.attempt()) + ": ";
    line += site.replica().empty() ? attempt.agent() : site.replica();
    if (!attempt.has_site()) line += ", under way";
    if (!site.reason().empty()) line += " because " + site.reason();
    if (site.queued_us() >= 1000) line += "; waited " + FormatDuration(site.queued_us() / 1000);
    if (site.ended_ms() > 0) line += "; took " + FormatDuration(site.ended_ms() - site.sent_ms());
    const std::string cost = Cost(attempt.usage());
    if (!cost.empty()) line += "; " + cost;
    for (const std::string& wrapped : Wrap(OneLine(line), style_.width - kDetailIndent)) Detail(wrapped, "0");
    if (attempt.error_code() != 0) {
      const std::string code(CodeName(static_cast<Code>(attempt.error_code())));
      for (const std::string& wrapped :
           Wrap(OneLine(code + ": " + attempt.error_message()), style_.width - kDetailIndent)) {
        Detail(wrapped, kRed);
      }
    }
    if (attempt.input_json().empty()) return;
    if (prompts_ == Prompts::kFirstLine) {
      Detail(Clip("asked: " + OneLine(InputText(attempt.input_json())), style_.width - kDetailIndent), kDim);
      return;
    }
    Detail("asked:", kDim);
    Block(InputText(attempt.input_json()));
  }

  void DoubtLines(const v1::Doubt& doubt) {
    const std::string line = DoubtLine(doubt);
    for (const std::string& wrapped : Wrap(OneLine(line), style_.width - kDetailIndent)) Detail(wrapped, kYellow);
  }

  void Detail(const std::string& text, const char* colour) {
    lines_.push_back(std::string(kDetailIndent, ' ') + Paint(OneLine(text), colour, style_.colour && colour[0] != '0'));
  }

  void Block(const std::string& text) {
    for (const std::string& line : Wrap(Neutralise(text, Newlines::kKeep), style_.width - kDetailIndent - 2)) {
      lines_.push_back(std::string(kDetailIndent, ' ') + Paint("│ ", kDim, style_.colour) + line);
    }
  }

  void Tail() {
    const v1::Task& task = task_.task();
    if (task.error_code() != 0) {
      const std::string where = task.error_path().empty() ? "" : " at " + task.error_path();
      const std::string code(CodeName(static_cast<Code>(task.error_code())));
      lines_.push_back("");
      for (const std::string& line :
           Wrap(OneLine("failed" + where + ": " + code + ": " + task.error_message()), style_.width)) {
        lines_.push_back(Paint(line, kRed, style_.colour));
      }
    }
    if (task.output_json().empty()) return;
    const auto output = ParseValue(task.output_json());
    lines_.push_back("");
    for (const std::string& line :
         Wrap(Neutralise(AnswerText(output ? *output : Value(nullptr)), Newlines::kKeep), style_.width)) {
      lines_.push_back(line);
    }
  }

  const v1::GetResponse& task_;
  const ScreenStyle& style_;
  const Prompts prompts_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> RenderTaskPage(const v1::GetResponse& task, const ScreenStyle& style, Prompts prompts) {
  ScreenStyle sane = style;
  sane.width = std::max(sane.width, 24);
  return Page(task, sane, prompts).Render();
}

}  // namespace troupe::cli
