#include "router/rehearsal/compare.h"

#include <algorithm>
#include <map>
#include <utility>

#include "router/client/state_name.h"
#include "router/rehearsal/step_path.h"
#include "runtime/base/names.h"

namespace troupe::rehearsal {
namespace {

constexpr size_t kShownBytes = 2'000;

std::string Shown(const Value& value) {
  std::string text = value.is_string() ? value.get<std::string>() : Dump(value);
  if (text.size() <= kShownBytes) return text;
  size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string Listed(const std::vector<std::string>& names) { return names.empty() ? "none" : Joined(names, ", "); }

const char* Name(EndState state) {
  return state == EndState::kDone ? "done" : state == EndState::kFailed ? "failed" : "cancelled";
}

class Comparison {
 public:
  Comparison(const Expected& expected, const v1::GetResponse& task) : expected_(expected), task_(task) {}

  std::vector<Difference> Run() {
    State();
    ErrorOfTask();
    for (const auto& path : expected_.run) Steps(path, v1::STEP_STATE_DONE);
    for (const auto& path : expected_.skipped) Steps(path, v1::STEP_STATE_SKIPPED);
    for (const auto& path : expected_.failed) Steps(path, v1::STEP_STATE_FAILED);
    for (const auto& path : expected_.not_run) NotRun(path);
    for (const auto& count : expected_.attempts) Attempts(count);
    for (const auto& count : expected_.calls) Calls(count);
    if (expected_.skills) Skills(*expected_.skills);
    Output();
    Cost();
    std::stable_sort(differences_.begin(), differences_.end(),
                     [](const Difference& a, const Difference& b) { return a.position.line < b.position.line; });
    return std::move(differences_);
  }

 private:
  void Differ(std::string what, std::string expected, std::string got, const graph::Position& position) {
    differences_.push_back({std::move(what), std::move(expected), std::move(got), position});
  }

  void State() {
    const std::string wanted = Name(expected_.state.value);
    const std::string got = client::StateName(task_.task().state());
    if (wanted == got) return;
    std::string why;
    if (!task_.task().error_message().empty()) {
      why = " (" + (task_.task().error_path().empty() ? "" : task_.task().error_path() + ": ") +
            task_.task().error_message() + ")";
    }
    Differ("state", wanted, got + why, expected_.state.position);
  }

  void ErrorOfTask() {
    if (!expected_.error || task_.task().error_code() == 0) return;
    const ExpectedError& wanted = *expected_.error;
    const std::string code(CodeName(static_cast<Code>(task_.task().error_code())));
    if (wanted.code && CodeName(*wanted.code) != code) {
      Differ("error code", std::string(CodeName(*wanted.code)), code, wanted.position);
    }
    if (!wanted.step.empty() && !Fits(wanted.step, task_.task().error_path())) {
      Differ("step of the error", wanted.step, task_.task().error_path(), wanted.position);
    }
    if (task_.task().error_message().find(wanted.contains) == std::string::npos) {
      Differ("error message", "contains " + wanted.contains, task_.task().error_message(), wanted.position);
    }
  }

  // Every step that the path names is in this state, and there is one.
  void Steps(const Placed<std::string>& path, v1::StepState state) {
    bool any = false;
    for (const v1::Step& step : task_.steps()) {
      if (!Fits(path.value, step.path())) continue;
      any = true;
      if (step.state() == state) continue;
      std::string got = client::StateName(step.state());
      if (!step.error_message().empty()) got += " (" + step.error_message() + ")";
      Differ("step " + step.path(), client::StateName(state), std::move(got), path.position);
    }
    if (!any) Differ("step " + path.value, client::StateName(state), "never reached", path.position);
  }

  void NotRun(const Placed<std::string>& path) {
    for (const v1::Step& step : task_.steps()) {
      if (!Fits(path.value, step.path()) || step.state() == v1::STEP_STATE_SKIPPED) continue;
      Differ("step " + step.path(), "not run", client::StateName(step.state()), path.position);
    }
  }

  void Attempts(const Placed<std::pair<std::string, int64_t>>& count) {
    const auto& [path, wanted] = count.value;
    bool any = false;
    for (const v1::Step& step : task_.steps()) {
      if (!Fits(path, step.path())) continue;
      any = true;
      if (step.attempts_size() == wanted) continue;
      Differ("attempts at " + step.path(), std::to_string(wanted), std::to_string(step.attempts_size()),
             count.position);
    }
    if (!any && wanted > 0) Differ("attempts at " + path, std::to_string(wanted), "never reached", count.position);
  }

  void Calls(const Placed<std::pair<std::string, int64_t>>& count) {
    const auto& [agent, wanted] = count.value;
    int64_t got = 0;
    for (const v1::Step& step : task_.steps()) {
      for (const v1::Attempt& attempt : step.attempts()) got += attempt.agent() == agent;
    }
    if (got != wanted) Differ("calls of " + agent, std::to_string(wanted), std::to_string(got), count.position);
  }

  // Of the parts that the steps which take a text apart gave.
  void Skills(const Placed<std::vector<std::string>>& wanted) {
    std::vector<std::string> got;
    for (const v1::Step& step : task_.steps()) {
      const auto output = ParseValue(step.output_json());
      if (!output || !output->is_array()) continue;
      std::vector<std::string> skills;
      for (const Value& part : *output) {
        const bool is_part = part.is_object() && part.contains("skill") && part["skill"].is_string() &&
                             part.contains("index") && part.contains("score") && part.contains("text");
        if (is_part) skills.push_back(part["skill"].get<std::string>());
      }
      if (skills.size() == output->size()) got.insert(got.end(), skills.begin(), skills.end());
    }
    if (got != wanted.value) Differ("skills of the parts", Listed(wanted.value), Listed(got), wanted.position);
  }

  void Output() {
    if (expected_.output.empty() || task_.task().state() != v1::TASK_STATE_DONE) return;
    const auto output = ParseValue(task_.task().output_json());
    for (const OutputCheck& check : expected_.output) {
      const std::string what = "output" + (check.at.text() == "$" ? "" : " " + check.at.text());
      const auto values = output ? check.at.Find(*output) : std::vector<const Value*>();
      const auto holds = [&check](const Value* value) {
        if (check.equals) return *value == *check.equals;
        const std::string text = value->is_string() ? value->get<std::string>() : Dump(*value);
        if (check.contains) return text.find(*check.contains) != std::string::npos;
        return !check.matches || std::regex_search(text, check.matches->regex);
      };
      if (std::any_of(values.begin(), values.end(), holds)) continue;
      std::string wanted = check.equals     ? Shown(*check.equals)
                           : check.contains ? "contains " + *check.contains
                                            : "matches " + (check.matches ? check.matches->text : "");
      std::string got = values.empty() ? "nothing there" : Shown(*values.front());
      for (size_t i = 1; i < values.size(); ++i) got += "\n" + Shown(*values[i]);
      Differ(what, std::move(wanted), std::move(got), check.position);
    }
  }

  void AtMost(const std::optional<Placed<int64_t>>& limit, const char* what, int64_t got, const char* unit) {
    if (!limit || got <= limit->value) return;
    Differ(what, "at most " + std::to_string(limit->value) + unit, std::to_string(got) + unit, limit->position);
  }

  void Cost() {
    AtMost(expected_.cost_calls, "calls", CallsOf(task_), "");
    AtMost(expected_.cost_tokens, "generated tokens", task_.task().usage().generated_tokens(), "");
    AtMost(expected_.cost_time_ms, "time", task_.task().ended_ms() - task_.task().accepted_ms(), " ms");
  }

  const Expected& expected_;
  const v1::GetResponse& task_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> Compare(const Expected& expected, const v1::GetResponse& task) {
  return Comparison(expected, task).Run();
}

int64_t CallsOf(const v1::GetResponse& task) {
  int64_t calls = 0;
  for (const v1::Step& step : task.steps()) calls += step.attempts_size();
  return calls;
}

}  // namespace troupe::rehearsal
