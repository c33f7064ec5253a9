#include "router/gateway/task_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "router/core/place.h"
#include "router/journal/codec.h"

namespace troupe::gateway {
namespace {

void FillAttempt(const core::Attempt& attempt, v1::Attempt& out) {
  out.set_attempt(attempt.attempt);
  out.set_input_json(Dump(attempt.input));
  out.set_decided_ms(attempt.decided_ms);
  out.set_agent(attempt.agent);
  if (!attempt.ended) return;
  journal::EncodeSite(attempt.site, *out.mutable_site());
  journal::EncodeUsage(attempt.usage, *out.mutable_usage());
  if (attempt.error.code != Code::kOk) {
    out.set_error_code(static_cast<int>(attempt.error.code));
    out.set_error_message(attempt.error.message);
  }
}

void FillDoubt(const core::Doubt& doubt, v1::Doubt& out) {
  out.set_attempt(doubt.attempt);
  out.set_teacher(doubt.teacher);
  out.set_confidence(doubt.confidence);
  out.set_below(doubt.below);
  out.set_refused(doubt.refused);
  out.set_spot_check(doubt.spot_check);
  if (doubt.refused.empty()) out.set_output_json(Dump(doubt.output));
}

}  // namespace

void FillTask(const std::string& task_id, const core::TaskState& state, v1::Task& out, TaskInput input) {
  out.set_task_id(task_id);
  out.set_graph(state.graph);
  out.set_graph_version(state.version.value);
  out.set_state(journal::EncodeStatus(state.status));
  out.set_accepted_ms(state.accepted_ms);
  out.set_ended_ms(state.ended_ms);
  if (input == TaskInput::kGiven) out.set_input_json(Dump(state.input));
  if (state.status == core::TaskStatus::kDone) out.set_output_json(Dump(state.output));
  if (state.error.code != Code::kOk && state.status != core::TaskStatus::kRunning &&
      state.status != core::TaskStatus::kDone) {
    out.set_error_code(static_cast<int>(state.error.code));
    out.set_error_message(state.error.message);
    out.set_error_path(state.error_path);
  }
  journal::EncodeUsage(state.usage, *out.mutable_usage());
  for (const auto& [key, value] : state.labels) (*out.mutable_labels())[key] = value;
  out.set_last_sequence(state.last_sequence);
  out.set_money_micros(state.money);
  out.set_priority(state.priority);
  FillWaiting(state.questions, out);
}

void FillApproval(const std::string& path, const core::Question& question, v1::Approval& out) {
  out.set_path(path);
  out.set_ask(question.ask);
  out.set_show_json(Dump(question.show));
  out.set_asked_ms(question.asked_ms);
  out.set_expires_ms(question.expires_ms);
  out.set_decided_ms(question.ended_ms);
  if (!question.decided) return;
  out.set_verdict(question.approved ? v1::VERDICT_APPROVE : v1::VERDICT_REJECT);
  out.set_by(question.by);
  out.set_note(question.note);
}

void FillWaiting(const std::map<std::string, core::Question, std::less<>>& questions, v1::Task& out) {
  for (const auto& [path, question] : questions) {
    if (question.open) FillApproval(path, question, *out.add_waiting());
  }
}

void FillSteps(const core::TaskState& state, v1::GetResponse& out) {
  std::vector<std::pair<const std::string*, const core::StepRecord*>> steps;
  for (const auto& [path, record] : state.steps) {
    if (!core::IsRound(path)) steps.emplace_back(&path, &record);
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second->order < b.second->order; });
  for (const auto& [path, record] : steps) {
    v1::Step& step = *out.add_steps();
    step.set_path(*path);
    step.set_state(journal::EncodeStatus(record->status));
    if (const auto question = state.questions.find(*path); question != state.questions.end()) {
      FillApproval(*path, question->second, *step.mutable_approval());
    }
    for (const core::Attempt& attempt : record->attempts) FillAttempt(attempt, *step.add_attempts());
    if (record->doubt) FillDoubt(*record->doubt, *step.mutable_doubt());
    if (record->status == core::StepStatus::kDone) step.set_output_json(Dump(record->output));
    if (record->error.code != Code::kOk) {
      step.set_error_code(static_cast<int>(record->error.code));
      step.set_error_message(record->error.message);
    }
  }
}

void FillRow(const journal::TaskRow& row, v1::Task& out) {
  out.set_task_id(row.task.uuid);
  out.set_graph(row.task.graph);
  out.set_graph_version(row.task.version);
  out.set_state(journal::EncodeStatus(row.status));
  out.set_accepted_ms(row.task.accepted_ms);
  out.set_ended_ms(row.ended_ms);
  for (const auto& [key, value] : row.task.labels) (*out.mutable_labels())[key] = value;
  out.set_last_sequence(row.last_sequence);
}

}  // namespace troupe::gateway
