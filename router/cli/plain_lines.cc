#include "router/cli/plain_lines.h"

#include <cstdio>
#include <utility>

#include "router/cli/approval.h"
#include "router/cli/doubt.h"
#include "router/cli/format.h"
#include "router/cli/text_width.h"

namespace troupe::cli {
namespace {

// Streamed text is shown once this many bytes or a newline are there.
constexpr size_t kTextLineBytes = 100;

std::string OneLine(const std::string& text) { return Neutralise(text, Newlines::kFlatten); }

// A teacher's may have begun since.
const AttemptView* FindAttempt(const StepView& step, int number) {
  for (const AttemptView& attempt : step.attempts) {
    if (attempt.attempt == number) return &attempt;
  }
  return nullptr;
}

std::string Cost(const AttemptView* attempt, int64_t tokens) {
  std::string cost;
  if (attempt != nullptr && attempt->ended_ms > 0)
    cost = " in " + FormatDuration(attempt->ended_ms - attempt->decided_ms);
  if (tokens > 0) cost += ", " + Plural(tokens, "token");
  return cost;
}

}  // namespace

std::vector<std::string> PlainLines::Next(const TaskView& view, const v1::Record& record) {
  elapsed_ms_ = record.time_ms() - view.accepted_ms();
  SayEvent(view, record.event());
  const v1::Event& event = record.event();
  const std::string path = event.has_step_done()        ? event.step_done().path()
                           : event.has_step_failed()    ? event.step_failed().path()
                           : event.has_person_decided() ? event.person_decided().path()
                                                        : "";
  for (const v1::Decision& decision : record.decisions()) SayDecision(view, decision, path);
  return std::exchange(lines_, {});
}

void PlainLines::Say(const std::string& text) {
  char time[32];
  std::snprintf(time, sizeof time, "%9.3fs  ", static_cast<double>(elapsed_ms_) / 1000);
  lines_.push_back(time + OneLine(text));
}

void PlainLines::SayEvent(const TaskView& view, const v1::Event& event) {
  switch (event.event_case()) {
    case v1::Event::kAccepted:
      Say(view.task_id().empty() ? "kept answer of " + event.accepted().graph()
                                 : "task " + view.task_id() + " accepted by " + event.accepted().graph());
      break;
    case v1::Event::kStepDone: {
      const auto& done = event.step_done();
      Flush(done.path());
      const StepView* step = view.Find(done.path());
      const AttemptView* attempt = step == nullptr ? nullptr : FindAttempt(*step, done.attempt());
      Say(done.path() + ": done by " + done.site().replica() + Cost(attempt, done.usage().generated_tokens()));
      break;
    }
    case v1::Event::kStepFailed: {
      const auto& failed = event.step_failed();
      Flush(failed.path());
      const std::string where = failed.site().replica().empty() ? "" : " on " + failed.site().replica();
      Say(failed.path() + ": try " + std::to_string(failed.attempt()) + " failed" + where + ": " + failed.message());
      break;
    }
    case v1::Event::kStepProgress:
      Gather(event.step_progress().path(), event.step_progress().text());
      break;
    case v1::Event::kCancelRequested: {
      const std::string& reason = event.cancel_requested().reason();
      Say("asked to stop" + (reason.empty() ? "" : ": " + reason));
      break;
    }
    case v1::Event::kPersonDecided:
      Say(event.person_decided().path() + ": " + VerdictOf(event.person_decided()));
      break;
    case v1::Event::kWaitExpired:
      Say(event.wait_expired().path() + ": " + VerdictOf(event.wait_expired()));
      break;
    case v1::Event::kDeadlinePassed:
      Say("the deadline passed");
      break;
    default:
      break;
  }
}

void PlainLines::SayDecision(const TaskView& view, const v1::Decision& decision, const std::string& path_of_event) {
  switch (decision.decision_case()) {
    case v1::Decision::kStartStep: {
      const auto& start = decision.start_step();
      Say(start.path() + ": to " + start.agent() +
          (start.attempt() > 1 ? " (try " + std::to_string(start.attempt()) + ")" : ""));
      break;
    }
    case v1::Decision::kSkipStep:
      Say(decision.skip_step().path() + ": skipped");
      break;
    case v1::Decision::kOpenScope: {
      const auto& open = decision.open_scope();
      const std::string path = open.path() + "[" + std::to_string(open.index()) + "]";
      const StepView* round = view.Find(path);
      const std::string label = round == nullptr ? "" : round->label;
      Say(path + ": " + (label.empty() ? "round " + std::to_string(open.index() + 1) : Clip(OneLine(label), 100)));
      break;
    }
    case v1::Decision::kCompleteStep:
      // an agent's step has said so already, unless its teacher has failed
      if (decision.complete_step().path() != path_of_event) {
        Say(decision.complete_step().path() + ": done");
      } else if (const StepView* step = view.Find(path_of_event);
                 !step->attempts.empty() && step->attempts.back().failed) {
        Say(path_of_event + ": done, by the student's answer");
      }
      break;
    case v1::Decision::kFailStep: {
      const auto& fail = decision.fail_step();
      const char* tail = fail.tolerated() ? " (going on without it)" : "";
      // the reason of an agent's step has been said
      Say(fail.path() + ": failed" + (fail.path() == path_of_event ? "" : ": " + fail.message()) + tail);
      break;
    }
    case v1::Decision::kStopStep:
      Say(decision.stop_step().path() + ": stopped");
      break;
    case v1::Decision::kOpenGraph:
      Say(decision.open_graph().path() + ": begins");
      break;
    case v1::Decision::kAskTeacher:
      Say(decision.ask_teacher().path() + ": " + DoubtLine(decision.ask_teacher()));
      break;
    case v1::Decision::kAskPerson: {
      const auto& ask = decision.ask_person();
      Say(ask.path() + ": waits for a person: " + ask.ask());
      Say(ask.path() + ": " + DecideCommand(view.task_id(), ask.path(), router_));
      break;
    }
    case v1::Decision::kFinishTask: {
      const int64_t tokens = view.generated_tokens();
      Say("task done in " + FormatDuration(elapsed_ms_) + (tokens > 0 ? ", " + Plural(tokens, "token") : ""));
      break;
    }
    case v1::Decision::kFailTask: {
      const auto& fail = decision.fail_task();
      const char* word = fail.code() == 1 ? "task cancelled" : "task failed";
      Say(word + (fail.path().empty() ? "" : " at " + fail.path()) + ": " + fail.message());
      break;
    }
    default:
      break;
  }
}

void PlainLines::Gather(const std::string& path, const std::string& text) {
  std::string& partial = partial_[path];
  partial += text;
  for (size_t end; (end = partial.find('\n')) != std::string::npos || partial.size() >= kTextLineBytes;) {
    if (end == std::string::npos) {
      // at a blank, so that no word and no code point is cut
      end = partial.find_last_of(' ');
      if (end == std::string::npos || end == 0) return;
    }
    const std::string line = OneLine(partial.substr(0, end));
    partial.erase(0, end + 1);
    if (!line.empty()) Say(path + " | " + line);
  }
}

void PlainLines::Flush(const std::string& path) {
  const auto found = partial_.find(path);
  if (found == partial_.end()) return;
  const std::string rest = OneLine(found->second);
  partial_.erase(found);
  if (!rest.empty()) Say(path + " | " + rest);
}

}  // namespace troupe::cli
