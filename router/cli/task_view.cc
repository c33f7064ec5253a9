#include "router/cli/task_view.h"

#include <algorithm>

#include "router/cli/approval.h"
#include "router/core/asks.h"
#include "router/core/place.h"

namespace troupe::cli {
namespace {

// "handle[2].answer[0]" -> "handle[2].answer"; "handle[2].answer" -> "handle[2]"; "handle" -> "";
// "facts.ask[1]" -> "facts".
std::string ParentOf(const std::string& path) {
  if (const auto ask = core::SplitAsk(path)) return std::string(ask->asker);
  const size_t at = path.ends_with(']') ? path.rfind('[') : path.rfind('.');
  return at == std::string::npos ? "" : path.substr(0, at);
}

std::string NameOf(const std::string& path) {
  const size_t parent = ParentOf(path).size();
  return path.substr(parent + (parent > 0 && path[parent] == '.' ? 1 : 0));
}

bool IsEnded(v1::StepState state) {
  return state != v1::STEP_STATE_RUNNING && state != v1::STEP_STATE_WAITING && state != v1::STEP_STATE_WAITS_FOR_PERSON;
}

}  // namespace

Value ValueOf(const v1::Payload& payload) {
  if (!payload.has_json()) return nullptr;
  auto value = ParseValue(payload.json());
  return value ? *value : Value(nullptr);
}

std::string Describe(const Value& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("text") && value["text"].is_string()) {
    for (const char* key : {"skill", "label"}) {
      if (value.contains(key) && value[key].is_string()) {
        return value[key].get<std::string>() + ": " + value["text"].get<std::string>();
      }
    }
    return value["text"].get<std::string>();
  }
  return Dump(value);
}

const StepView* TaskView::Find(const std::string& path) const {
  const auto found = steps_.find(path);
  return found == steps_.end() ? nullptr : &found->second;
}

int64_t TaskView::generated_tokens() const {
  int64_t tokens = settled_tokens_;
  for (const auto& [path, step] : steps_) {
    if (!IsEnded(step.state) && !step.attempts.empty() && step.attempts.back().ended_ms == 0) {
      tokens += step.generated_tokens;
    }
  }
  return tokens;
}

StepView& TaskView::Touch(const std::string& path, UnixMs time_ms) {
  const auto found = steps_.find(path);
  if (found != steps_.end()) return found->second;
  const std::string parent = ParentOf(path);
  StepView step;
  step.path = path;
  step.name = NameOf(path);
  step.is_round = core::IsRound(path);
  step.started_ms = time_ms;
  if (parent.empty()) {
    roots_.push_back(path);
  } else {
    StepView& above = Touch(parent, time_ms);
    step.depth = above.depth + 1;
    above.children.push_back(path);
  }
  return steps_.emplace(path, std::move(step)).first->second;
}

AttemptView& TaskView::TouchAttempt(StepView& step, int attempt, UnixMs time_ms) {
  for (AttemptView& known : step.attempts) {
    if (known.attempt == attempt) return known;
  }
  step.attempts.push_back({.attempt = attempt, .decided_ms = time_ms});
  return step.attempts.back();
}

Folded TaskView::Fold(const v1::Record& record) {
  if (record.sequence() <= last_sequence_) return Folded::kSeen;
  last_sequence_ = record.sequence();
  if (task_id_.empty()) task_id_ = record.task_id();
  // a stream that begins in the middle counts time from there
  if (accepted_ms_ == 0) accepted_ms_ = record.time_ms();
  FoldEvent(record.event(), record.time_ms());
  for (const v1::Decision& decision : record.decisions()) FoldDecision(decision, record.time_ms());
  return Folded::kNew;
}

void TaskView::FoldEvent(const v1::Event& event, UnixMs time_ms) {
  switch (event.event_case()) {
    case v1::Event::kAccepted:
      graph_ = event.accepted().graph();
      accepted_ms_ = time_ms;
      break;
    case v1::Event::kStepDone:
      FoldDone(event.step_done(), time_ms);
      break;
    case v1::Event::kStepFailed:
      FoldFailed(event.step_failed(), time_ms);
      break;
    case v1::Event::kStepProgress:
      FoldProgress(event.step_progress(), time_ms);
      break;
    case v1::Event::kPersonDecided:
      Touch(event.person_decided().path(), time_ms).verdict = VerdictOf(event.person_decided());
      break;
    case v1::Event::kWaitExpired:
      Touch(event.wait_expired().path(), time_ms).verdict = VerdictOf(event.wait_expired());
      break;
    default:
      break;
  }
}

void TaskView::FoldDone(const v1::StepDone& done, UnixMs time_ms) {
  StepView& step = Touch(done.path(), time_ms);
  AttemptView& attempt = TouchAttempt(step, done.attempt(), time_ms);
  attempt.replica = done.site().replica();
  if (!done.site().agent().empty()) attempt.agent = done.site().agent();
  attempt.ended_ms = time_ms;
  step.generated_tokens = done.usage().generated_tokens();
  settled_tokens_ += done.usage().generated_tokens();
  // an agent's step is finished by this event alone; only steps that hold steps are completed by a decision
  End(done.path(), v1::STEP_STATE_DONE, time_ms);
}

void TaskView::FoldFailed(const v1::StepFailed& failed, UnixMs time_ms) {
  StepView& step = Touch(failed.path(), time_ms);
  AttemptView& attempt = TouchAttempt(step, failed.attempt(), time_ms);
  attempt.replica = failed.site().replica();
  attempt.ended_ms = time_ms;
  attempt.failed = true;
  step.error = failed.message();
  step.text.clear();
  settled_tokens_ += failed.usage().generated_tokens();
}

void TaskView::FoldProgress(const v1::StepProgress& progress, UnixMs time_ms) {
  StepView& step = Touch(progress.path(), time_ms);
  TouchAttempt(step, progress.attempt(), time_ms);
  step.text += progress.text();
  step.generated_tokens = progress.generated_tokens();
}

void TaskView::FoldDecision(const v1::Decision& decision, UnixMs time_ms) {
  switch (decision.decision_case()) {
    case v1::Decision::kStartStep: {
      const auto& start = decision.start_step();
      StepView& step = Touch(start.path(), time_ms);
      step.state = v1::STEP_STATE_RUNNING;
      step.text.clear();
      step.generated_tokens = 0;
      TouchAttempt(step, start.attempt(), time_ms).agent = start.agent();
      break;
    }
    case v1::Decision::kSkipStep:
      End(decision.skip_step().path(), v1::STEP_STATE_SKIPPED, time_ms);
      break;
    case v1::Decision::kOpenScope:
      FoldOpenScope(decision.open_scope(), time_ms);
      break;
    case v1::Decision::kCompleteStep:
      End(decision.complete_step().path(), v1::STEP_STATE_DONE, time_ms);
      break;
    case v1::Decision::kFailStep: {
      const auto& fail = decision.fail_step();
      StepView& step = Touch(fail.path(), time_ms);
      step.error = fail.message();
      step.tolerated = fail.tolerated();
      End(fail.path(), v1::STEP_STATE_FAILED, time_ms);
      break;
    }
    case v1::Decision::kStopStep:
      End(decision.stop_step().path(), v1::STEP_STATE_STOPPED, time_ms);
      break;
    case v1::Decision::kOpenGraph:
      Touch(decision.open_graph().path(), time_ms).label = Describe(ValueOf(decision.open_graph().input()));
      break;
    case v1::Decision::kAskTeacher:
      // the student's answer has ended the step
      if (decision.ask_teacher().refused().empty()) {
        StepView& step = Touch(decision.ask_teacher().path(), time_ms);
        step.state = v1::STEP_STATE_RUNNING;
        step.ended_ms = 0;
      }
      break;
    case v1::Decision::kAskPerson: {
      StepView& step = Touch(decision.ask_person().path(), time_ms);
      step.state = v1::STEP_STATE_WAITS_FOR_PERSON;
      step.ask = decision.ask_person().ask();
      break;
    }
    case v1::Decision::kFinishTask:
      output_ = ValueOf(decision.finish_task().output());
      EndTask(v1::TASK_STATE_DONE, time_ms);
      break;
    case v1::Decision::kFailTask: {
      const auto& fail = decision.fail_task();
      error_code_ = fail.code();
      error_message_ = fail.message();
      error_path_ = fail.path();
      EndTask(fail.code() == 1 ? v1::TASK_STATE_CANCELLED : v1::TASK_STATE_FAILED, time_ms);
      break;
    }
    default:
      break;
  }
}

void TaskView::FoldOpenScope(const v1::OpenScope& open, UnixMs time_ms) {
  StepView& step = Touch(open.path(), time_ms);
  if (open.count() > 0) step.rounds = open.count();
  const bool is_each = open.count() > 0;
  StepView& round = Touch(open.path() + "[" + std::to_string(open.index()) + "]", time_ms);
  if (is_each) round.label = Describe(ValueOf(open.item()));
}

void TaskView::End(const std::string& path, v1::StepState state, UnixMs time_ms) {
  StepView& step = Touch(path, time_ms);
  if (IsEnded(step.state)) return;
  step.state = state;
  step.ended_ms = time_ms;
  step.text.clear();
  if (step.is_round) ++Touch(ParentOf(path), time_ms).rounds_ended;
}

void TaskView::EndTask(v1::TaskState state, UnixMs time_ms) {
  state_ = state;
  ended_ms_ = time_ms;
  for (auto& [path, step] : steps_) {
    if (IsEnded(step.state)) continue;
    step.state = v1::STEP_STATE_STOPPED;
    step.ended_ms = time_ms;
    step.text.clear();
  }
}

}  // namespace troupe::cli
