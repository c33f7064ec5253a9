#include "router/core/core.h"

#include <algorithm>
#include <utility>

#include "router/core/apply.h"
#include "router/core/asks.h"
#include "router/core/decider.h"
#include "runtime/base/check.h"

namespace troupe::core {
namespace {

const std::string* StepOf(const Event& event, int* attempt) {
  const auto take = [attempt](const auto& of_step) {
    *attempt = of_step.attempt;
    return &of_step.path;
  };
  if (const auto* done = std::get_if<StepDone>(&event)) return take(*done);
  if (const auto* failed = std::get_if<StepFailed>(&event)) return take(*failed);
  if (const auto* progress = std::get_if<StepProgress>(&event)) return take(*progress);
  if (const auto* asked = std::get_if<StepAsked>(&event)) return take(*asked);
  return nullptr;
}

bool IsStale(const graph::Graph& graph, const TaskState& state, const Event& event, UnixMs now_ms) {
  const bool is_first = state.last_sequence == 0;
  if (std::holds_alternative<Accepted>(event) != is_first) return true;
  if (is_first) return false;
  if (state.status != TaskStatus::kRunning) return true;
  if (std::holds_alternative<DeadlinePassed>(event)) return state.open_questions > 0 || now_ms < state.deadline_ms;
  if (const auto* decided = std::get_if<PersonDecided>(&event)) return OpenQuestion(state, decided->path) == nullptr;
  if (const auto* expired = std::get_if<WaitExpired>(&event)) {
    const Question* question = OpenQuestion(state, expired->path);
    return question == nullptr || now_ms < question->expires_ms;
  }
  int attempt = 0;
  const std::string* path = StepOf(event, &attempt);
  if (path == nullptr) return false;
  const auto record = state.steps.find(*path);
  if (record == state.steps.end()) return true;
  const Attempt* open = OpenAttempt(record->second);
  if (open == nullptr || open->attempt != attempt) return true;
  // a question that is answered already changes nothing
  const auto* asked = std::get_if<StepAsked>(&event);
  return asked != nullptr && RuleOnAsk(graph, state, *asked).what != AskRuling::What::kStart;
}

}  // namespace

Status Fold(TaskState& state, const Record& record) {
  if (record.sequence != state.last_sequence + 1) {
    return Error{Code::kDataLoss, "the journal is broken: record " + std::to_string(record.sequence) + " follows on " +
                                      std::to_string(state.last_sequence)};
  }
  if (std::holds_alternative<Accepted>(record.event) != (record.sequence == 1)) {
    return Error{Code::kDataLoss, "the journal is broken: a task's first record, and only that, is its acceptance"};
  }
  if (state.status != TaskStatus::kRunning) {
    return Error{Code::kDataLoss, "the journal is broken: record " + std::to_string(record.sequence) +
                                      " follows on the end of its task"};
  }
  TRY(ApplyEvent(state, record.event, record.time_ms));
  state.last_sequence = record.sequence;
  for (const Decision& decision : record.decisions) {
    TRY(ApplyDecision(state, decision, record.time_ms));
  }
  state.budget_waiters.value = -1;
  return {};
}

std::optional<Record> Decide(const graph::Graph& graph, TaskState& state, Event event, UnixMs now_ms) {
  if (IsStale(graph, state, event, now_ms)) return std::nullopt;
  Record record{.sequence = state.last_sequence + 1, .time_ms = now_ms, .event = std::move(event)};
  CHECK(ApplyEvent(state, record.event, now_ms).has_value());
  state.last_sequence = record.sequence;
  Decider(graph, state, record).Run();
  return record;
}

std::vector<Pending> PendingWork(const TaskState& state) {
  std::vector<Pending> pending;
  if (state.status != TaskStatus::kRunning) return pending;
  for (const auto& [path, record] : state.steps) {
    const Attempt* attempt = OpenAttempt(record);
    if (attempt != nullptr) pending.push_back({path, attempt, &record.committed_text});
  }
  const auto order = [&state](const Pending& item) { return state.steps.find(item.path)->second.order; };
  std::sort(pending.begin(), pending.end(),
            [&order](const Pending& left, const Pending& right) { return order(left) < order(right); });
  return pending;
}

int64_t PauseLeftMs(const Attempt& attempt, UnixMs now_ms) {
  const int64_t decided_ms = std::max<int64_t>(0, attempt.not_before_ms - attempt.decided_ms);
  return std::clamp<int64_t>(attempt.not_before_ms - now_ms, 0, decided_ms);
}

}  // namespace troupe::core
