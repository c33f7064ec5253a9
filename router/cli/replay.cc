#include "router/cli/replay.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "router/cli/doubt.h"
#include "router/cli/message_json.h"
#include "router/client/state_name.h"
#include "router/core/core.h"
#include "router/journal/codec.h"

namespace troupe::cli {
namespace {

constexpr size_t kShownBytes = 160;

template <typename Status>
const char* Name(Status status) {
  return client::StateName(journal::EncodeStatus(status));
}

// The beginning of a text, whole characters only.
std::string Beginning(std::string text) {
  if (text.size() <= kShownBytes) return text;
  size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string Shown(const Value& value) { return Beginning(value.is_string() ? value.get<std::string>() : Dump(value)); }

std::string Shown(const v1::Payload& payload) {
  if (payload.has_sha256()) return "(kept elsewhere)";
  const auto value = ParseValue(payload.json());
  return value ? Shown(*value) : "(unreadable)";
}

std::string Attempt(int attempt) { return attempt > 1 ? ", attempt " + std::to_string(attempt) : ""; }

std::string Failure(int code, const std::string& message) {
  return std::string(CodeName(static_cast<Code>(code))) + ": " + message;
}

std::string Happened(const v1::Event& event) {
  switch (event.event_case()) {
    case v1::Event::kAccepted:
      return "the task was taken in by " + event.accepted().graph() + ": " + Shown(event.accepted().input());
    case v1::Event::kStepDone: {
      const v1::StepDone& done = event.step_done();
      return done.path() + " came back from " + done.site().replica() + Attempt(done.attempt()) + ": " +
             Shown(done.output());
    }
    case v1::Event::kStepFailed: {
      const v1::StepFailed& failed = event.step_failed();
      const std::string& replica = failed.site().replica();
      return failed.path() + " failed" + (replica.empty() ? "" : " on " + replica) + Attempt(failed.attempt()) + ": " +
             Failure(failed.code(), failed.message());
    }
    case v1::Event::kStepProgress:
      return event.step_progress().path() + Attempt(event.step_progress().attempt()) +
             " said: " + Beginning(event.step_progress().text());
    case v1::Event::kStepAsked: {
      const v1::StepAsked& asked = event.step_asked();
      return asked.path() + " asked " + asked.peer() + Attempt(asked.attempt()) + ", question " +
             std::to_string(asked.ordinal()) + ": " + Shown(asked.input());
    }
    case v1::Event::kCancelRequested:
      return "a client asked for it to stop: " + event.cancel_requested().reason();
    case v1::Event::kDeadlinePassed:
      return "its deadline passed";
    case v1::Event::kPersonDecided: {
      const v1::PersonDecided& decided = event.person_decided();
      return decided.by() + (decided.approved() ? " approved " : " rejected ") + decided.path() +
             (decided.note().empty() ? "" : ": " + decided.note());
    }
    case v1::Event::kWaitExpired:
      return "nobody decided " + event.wait_expired().path() + " in time";
    default:
      return Beginning(Dump(ToJson(event)));
  }
}

std::string Decided(const v1::Decision& decision) {
  switch (decision.decision_case()) {
    case v1::Decision::kStartStep: {
      const v1::StartStep& start = decision.start_step();
      return "start " + start.path() + " at " + start.agent() + Attempt(start.attempt()) + ": " + Shown(start.input());
    }
    case v1::Decision::kSkipStep:
      return "leave " + decision.skip_step().path() + " out";
    case v1::Decision::kOpenScope: {
      const v1::OpenScope& open = decision.open_scope();
      return "open round " + std::to_string(open.index()) + " of " + open.path() + ": " + Shown(open.item());
    }
    case v1::Decision::kCompleteStep:
      return decision.complete_step().path() + " gives " + Shown(decision.complete_step().output());
    case v1::Decision::kFailStep: {
      const v1::FailStep& fail = decision.fail_step();
      return "give " + fail.path() + " up" + (fail.tolerated() ? " and go on without it" : "") + ": " +
             Failure(fail.code(), fail.message());
    }
    case v1::Decision::kStopStep:
      return "stop " + decision.stop_step().path() + Attempt(decision.stop_step().attempt());
    case v1::Decision::kAskPerson:
      return "ask a person for " + decision.ask_person().path() + ": " + decision.ask_person().ask();
    case v1::Decision::kAskTeacher:
      return decision.ask_teacher().path() + Attempt(decision.ask_teacher().attempt()) + " is " +
             DoubtLine(decision.ask_teacher());
    case v1::Decision::kOpenGraph:
      return "open the graph inside of " + decision.open_graph().path() + ": " + Shown(decision.open_graph().input());
    case v1::Decision::kFinishTask:
      return "finish the task: " + Shown(decision.finish_task().output());
    case v1::Decision::kFailTask:
      return "fail the task: " + Failure(decision.fail_task().code(), decision.fail_task().message());
    default:
      return Beginning(Dump(ToJson(decision)));
  }
}

class Comparer {
 public:
  std::vector<Change> Run(const core::TaskState& before, const core::TaskState& after) {
    Compare("", "state", Name(before.status), Name(after.status));
    Compare("", "generated_tokens", before.usage.generated_tokens, after.usage.generated_tokens);
    Compare("", "reserved_tokens", before.reserved.tokens, after.reserved.tokens);
    Compare("", "device_us", before.usage.device_us, after.usage.device_us);
    Compare("", "reserved_device_us", before.reserved.device_us, after.reserved.device_us);
    Compare("", "money_micros", before.money, after.money);
    Compare("", "reserved_money_micros", before.reserved.money, after.reserved.money);
    Compare("", "output", before.output, after.output);
    std::vector<std::pair<int, const std::string*>> order;
    for (const auto& [path, step] : after.steps) order.emplace_back(step.order, &path);
    std::sort(order.begin(), order.end());
    for (const auto& [ignored, path] : order) {
      const auto known = before.steps.find(*path);
      Step(*path, known == before.steps.end() ? nullptr : &known->second, after.steps.at(*path));
    }
    return std::move(changes_);
  }

 private:
  void Step(const std::string& path, const core::StepRecord* before, const core::StepRecord& after) {
    static const core::StepRecord kNone;
    const core::StepRecord& was = before == nullptr ? kNone : *before;
    Compare(path, "state", before == nullptr ? Value() : Value(Name(was.status)), Name(after.status));
    Compare(path, "attempts", was.attempts.size(), after.attempts.size());
    Compare(path, "rounds", was.opened_rounds, after.opened_rounds);
    Compare(path, "ended_rounds", was.ended_rounds, after.ended_rounds);
    Compare(path, "text", was.committed_text, after.committed_text);
    Compare(path, "output", was.output, after.output);
  }

  void Compare(const std::string& path, const char* field, Value before, Value after) {
    if (before != after) changes_.push_back({path, field, std::move(before), std::move(after)});
  }

  std::vector<Change> changes_;
};

std::string ErrorText(const Error& error) { return std::string(CodeName(error.code)) + ": " + error.message; }

Value ErrorJson(const Error& error) {
  if (error.code == Code::kOk) return nullptr;
  return {{"code", std::string(CodeName(error.code))}, {"message", error.message}};
}

// In the order in which they began.
std::vector<std::pair<std::string, const core::StepRecord*>> InOrder(const core::TaskState& state) {
  std::vector<std::pair<std::string, const core::StepRecord*>> steps;
  for (const auto& [path, step] : state.steps) steps.emplace_back(path, &step);
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second->order < b.second->order; });
  return steps;
}

}  // namespace

Result<ReplayFrame> Replay::Next(const v1::Record& message) {
  TRY_ASSIGN(const core::Record record, journal::Decode(message, nullptr));
  const core::TaskState before = state_;
  TRY(core::Fold(state_, record));
  ReplayFrame frame{.sequence = record.sequence, .time_ms = record.time_ms, .happened = Happened(message.event())};
  for (const v1::Decision& decision : message.decisions()) frame.decided.push_back(Decided(decision));
  frame.changed = Comparer().Run(before, state_);
  frame.record = ToJson(message);
  return frame;
}

std::vector<std::string> RenderFrame(const ReplayFrame& frame, UnixMs began_ms) {
  char head[48];
  std::snprintf(head, sizeof head, "%5lld %9.3fs  ", static_cast<long long>(frame.sequence),
                static_cast<double>(frame.time_ms - began_ms) / 1000);
  std::vector<std::string> lines = {head + frame.happened};
  for (const std::string& decision : frame.decided) lines.push_back("        decided    " + decision);
  for (const Change& change : frame.changed) {
    std::string line = "        changed    " + (change.path.empty() ? "task" : change.path) + ": " + change.field + " ";
    // what was nothing before needs no arrow
    if (!change.before.is_null() && change.before != "") line += Shown(change.before) + " -> ";
    lines.push_back(line + Shown(change.after));
  }
  return lines;
}

Value ToJson(const ReplayFrame& frame) {
  Value changed = Value::array();
  for (const Change& change : frame.changed) {
    changed.push_back(
        {{"path", change.path}, {"field", change.field}, {"before", change.before}, {"after", change.after}});
  }
  Value json = frame.record;
  json["changed"] = std::move(changed);
  return json;
}

std::vector<std::string> RenderState(const core::TaskState& state) {
  std::vector<std::string> lines = {"task " + std::string(Name(state.status)) + ", " +
                                    std::to_string(state.usage.generated_tokens) + " tokens generated, " +
                                    std::to_string(state.reserved.tokens) + " set aside"};
  lines.push_back("  input   " + Shown(state.input));
  if (!state.output.is_null()) lines.push_back("  output  " + Shown(state.output));
  if (state.error.code != Code::kOk) {
    lines.push_back("  error   " + (state.error_path.empty() ? "" : state.error_path + ": ") + ErrorText(state.error));
  }
  for (const auto& [path, step] : InOrder(state)) {
    lines.push_back(path + "  " + Name(step->status));
    for (const core::Attempt& attempt : step->attempts) {
      const std::string where = attempt.ended && !attempt.site.replica.empty() ? attempt.site.replica : attempt.agent;
      std::string end = !attempt.ended                    ? "under way"
                        : attempt.error.code == Code::kOk ? "done"
                                                          : ErrorText(attempt.error);
      lines.push_back("  try " + std::to_string(attempt.attempt) + " at " + where + ", " + end + ": " +
                      Shown(attempt.input));
    }
    if (!step->committed_text.empty()) lines.push_back("  text    " + Beginning(step->committed_text));
    if (!step->output.is_null()) lines.push_back("  output  " + Shown(step->output));
    if (step->error.code != Code::kOk) lines.push_back("  error   " + ErrorText(step->error));
  }
  return lines;
}

Value ToJson(const core::TaskState& state) {
  Value steps = Value::array();
  for (const auto& [path, step] : InOrder(state)) {
    Value attempts = Value::array();
    for (const core::Attempt& attempt : step->attempts) {
      attempts.push_back({{"attempt", attempt.attempt},
                          {"agent", attempt.agent},
                          {"replica", attempt.site.replica},
                          {"input", attempt.input},
                          {"ended", attempt.ended},
                          {"generated_tokens", attempt.usage.generated_tokens},
                          {"error", ErrorJson(attempt.error)}});
    }
    steps.push_back({{"path", path},
                     {"state", Name(step->status)},
                     {"attempts", std::move(attempts)},
                     {"rounds", step->opened_rounds},
                     {"text", step->committed_text},
                     {"output", step->output},
                     {"error", ErrorJson(step->error)}});
  }
  return {{"state", Name(state.status)},
          {"graph", state.graph},
          {"graph_version", state.version.value},
          {"last_sequence", state.last_sequence},
          {"accepted_ms", state.accepted_ms},
          {"ended_ms", state.ended_ms},
          {"deadline_ms", state.deadline_ms},
          {"generated_tokens", state.usage.generated_tokens},
          {"reserved_tokens", state.reserved.tokens},
          {"device_us", state.usage.device_us},
          {"reserved_device_us", state.reserved.device_us},
          {"money_micros", state.money},
          {"reserved_money_micros", state.reserved.money},
          {"priority", state.priority},
          {"input", state.input},
          {"output", state.output},
          {"error", ErrorJson(state.error)},
          {"error_path", state.error_path},
          {"steps", std::move(steps)}};
}

}  // namespace troupe::cli
