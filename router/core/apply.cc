#include "router/core/apply.h"

#include <algorithm>
#include <utility>

#include "router/core/asks.h"
#include "router/core/place.h"

namespace troupe::core {
namespace {

Error Broken(std::string_view what, std::string_view path) {
  std::string message = "the journal is broken: ";
  message += what;
  if (!path.empty()) {
    message += " at step '";
    message += path;
    message += "'";
  }
  return {Code::kDataLoss, std::move(message)};
}

StepRecord* Find(TaskState& state, std::string_view path) {
  const auto found = state.steps.find(path);
  return found == state.steps.end() ? nullptr : &found->second;
}

StepRecord& FindOrAdd(TaskState& state, const std::string& path, UnixMs time_ms) {
  const auto [found, added] = state.steps.try_emplace(path);
  if (added) {
    found->second.order = static_cast<int>(state.steps.size());
    found->second.started_ms = time_ms;
  }
  return found->second;
}

bool IsOpen(const StepRecord& record) {
  return record.status == StepStatus::kWaiting || record.status == StepStatus::kRunning ||
         record.status == StepStatus::kWaitsForPerson;
}

void Add(Amounts& total, const Amounts& part, int sign) {
  total.tokens += sign * part.tokens;
  total.device_us += sign * part.device_us;
  total.money += sign * part.money;
}

// Device time of an attempt that is stopped now: nobody says what it was, so all since it was decided counts, as far as
// it was set aside. Only where device time is limited or costs limited money.
int64_t SpentUs(const Attempt& attempt, UnixMs now_ms) {
  if (attempt.reserved.device_us == 0 && attempt.reserved.money == 0) return 0;
  int64_t spent_ms = std::max<int64_t>(0, now_ms - std::max(attempt.decided_ms, attempt.not_before_ms));
  if (attempt.timeout_ms > 0) spent_ms = std::min(spent_ms, attempt.timeout_ms);
  constexpr int64_t kUsPerMs = 1000;
  const int64_t spent_us = spent_ms * kUsPerMs;
  return attempt.reserved.device_us > 0 ? std::min(spent_us, attempt.reserved.device_us) : spent_us;
}

void Settle(TaskState& state, Attempt& attempt) {
  attempt.ended = true;
  state.usage += attempt.usage;
  const graph::Price& price = attempt.site.spill > 0 ? attempt.site.spill_price : attempt.price;
  const int64_t cost = graph::CostOf(price, attempt.usage.generated_tokens, attempt.usage.device_us);
  state.money = SaturatedSum(state.money, cost);
  Add(state.reserved, attempt.reserved, -1);
}

// How many steps have ended in the scope that holds this one; null where that has no record.
int* EndedBeside(TaskState& state, std::string_view path) {
  const std::string_view parent = ParentOf(path);
  if (parent.empty()) return &state.ended_steps;
  StepRecord* scope = Find(state, parent);
  return scope == nullptr ? nullptr : &scope->ended_steps;
}

// Counts an end in the scope or the step around it.
void CountEnd(TaskState& state, std::string_view path) {
  if (IsAsk(path)) return;  // no scope waits for it
  if (const auto round = SplitRound(path)) {
    if (StepRecord* holder = Find(state, round->holder)) {
      ++holder->ended_rounds;
      holder->items.erase(round->round);
    }
    return;
  }
  if (int* ended = EndedBeside(state, path)) ++*ended;
}

void CloseQuestion(TaskState& state, std::string_view path, UnixMs time_ms) {
  Question* question = OpenQuestion(state, path);
  if (question == nullptr) return;
  question->open = false;
  question->ended_ms = time_ms;
  --state.open_questions;
}

void End(TaskState& state, std::string_view path, StepRecord& record, StepStatus status, UnixMs time_ms) {
  if (record.status == StepStatus::kWaitsForPerson) CloseQuestion(state, path, time_ms);
  record.status = status;
  record.ended_ms = time_ms;
  record.committed_text.clear();
  record.items.clear();
  record.list.value.reset();
  CountEnd(state, path);
}

// What is still open below a step or round that has failed stays as it is for ever.
void StopBelow(TaskState& state, std::string_view path, UnixMs time_ms) {
  const auto [first, last] = RangeBelow(state.steps, path);
  for (auto it = first; it != last; ++it) {
    if (!IsOpen(it->second)) continue;
    CloseQuestion(state, it->first, time_ms);
    it->second.status = StepStatus::kStopped;
    it->second.ended_ms = time_ms;
    it->second.committed_text.clear();
    it->second.items.clear();
    it->second.list.value.reset();
  }
}

// The step's attempt of that number, under way.
Attempt* FindAttempt(TaskState& state, const std::string& path, int number) {
  StepRecord* record = Find(state, path);
  Attempt* attempt = record == nullptr ? nullptr : OpenAttempt(*record);
  return attempt != nullptr && attempt->attempt == number ? attempt : nullptr;
}

struct EventApplier {
  TaskState& state;
  UnixMs time_ms;

  Status operator()(const Accepted& event) const {
    if (state.last_sequence != 0) return Broken("a task was accepted twice", "");
    state.graph = event.graph;
    state.version = event.version;
    state.input = event.input;
    state.request_id = event.request_id;
    state.labels = event.labels;
    state.accepted_ms = time_ms;
    state.deadline_ms = event.deadline_ms;
    state.limits = event.limits;
    state.priority = event.priority;
    return {};
  }

  Status operator()(const StepDone& event) const {
    Attempt* attempt = FindAttempt(state, event.path, event.attempt);
    if (attempt == nullptr) return Broken("an answer of an attempt that is not under way", event.path);
    attempt->site = event.site;
    attempt->usage = event.usage;
    Settle(state, *attempt);
    StepRecord& record = *Find(state, event.path);
    record.output = event.output;
    End(state, event.path, record, StepStatus::kDone, time_ms);
    return {};
  }

  Status operator()(const StepFailed& event) const {
    Attempt* attempt = FindAttempt(state, event.path, event.attempt);
    if (attempt == nullptr) return Broken("a failure of an attempt that is not under way", event.path);
    attempt->site = event.site;
    attempt->usage = event.usage;
    attempt->error = {event.error.code, event.error.message};  // a pause that was asked for is in the decision
    Settle(state, *attempt);
    Find(state, event.path)->committed_text.clear();
    return {};
  }

  Status operator()(const StepProgress& event) const {
    Attempt* attempt = FindAttempt(state, event.path, event.attempt);
    if (attempt == nullptr) return Broken("text of an attempt that is not under way", event.path);
    attempt->usage.generated_tokens = std::max(attempt->usage.generated_tokens, event.generated_tokens);
    Find(state, event.path)->committed_text += event.text;
    return {};
  }

  Status operator()(const StepAsked& event) const {
    if (FindAttempt(state, event.path, event.attempt) == nullptr) {
      return Broken("a question of an attempt that is not under way", event.path);
    }
    return {};
  }

  Status operator()(const CancelRequested&) const { return {}; }
  Status operator()(const DeadlinePassed&) const { return {}; }

  // The step's end is a decision on it.
  Status operator()(const PersonDecided& event) const {
    Question* question = OpenQuestion(state, event.path);
    if (question == nullptr) return Broken("an answer to a question that is not open", event.path);
    question->decided = true;
    question->approved = event.approved;
    question->by = event.by;
    question->note = event.note;
    return {};
  }

  Status operator()(const WaitExpired& event) const {
    if (OpenQuestion(state, event.path) == nullptr) {
      return Broken("the end of a wait for a person that was over", event.path);
    }
    return {};
  }
};

struct DecisionApplier {
  TaskState& state;
  UnixMs time_ms;

  Status operator()(const StartStep& decision) const {
    StepRecord& record = FindOrAdd(state, decision.path, time_ms);
    // a question may take the place of one that has ended
    const bool may_start = IsOpen(record) || IsAsk(decision.path);
    if (!may_start || OpenAttempt(record) != nullptr ||
        decision.attempt != static_cast<int>(record.attempts.size()) + 1) {
      return Broken("an attempt out of turn", decision.path);
    }
    if (!IsOpen(record)) {
      record.output = Value();
      record.error = {.code = Code::kOk};
      record.tolerated = false;
      record.ended_ms = 0;
    }
    record.status = StepStatus::kRunning;
    record.committed_text.clear();
    record.attempts.push_back({.attempt = decision.attempt,
                               .agent = decision.agent,
                               .input = decision.input,
                               .decided_ms = time_ms,
                               .not_before_ms = decision.not_before_ms,
                               .timeout_ms = decision.timeout_ms,
                               .reserved = decision.reserved,
                               .price = decision.price,
                               .may_hedge = decision.may_hedge});
    Add(state.reserved, decision.reserved, 1);
    return {};
  }

  Status operator()(const SkipStep& decision) const {
    StepRecord& record = FindOrAdd(state, decision.path, time_ms);
    if (!IsOpen(record)) return Broken("a step left out after it had ended", decision.path);
    End(state, decision.path, record, StepStatus::kSkipped, time_ms);
    return {};
  }

  Status operator()(const OpenScope& decision) const {
    StepRecord& holder = FindOrAdd(state, decision.path, time_ms);
    if (!IsOpen(holder) || decision.index != holder.opened_rounds) return Broken("a round out of turn", decision.path);
    holder.status = StepStatus::kRunning;
    holder.count = decision.count;
    holder.items[decision.index] = decision.item;
    ++holder.opened_rounds;
    FindOrAdd(state, RoundPath(decision.path, decision.index), time_ms).status = StepStatus::kRunning;
    return {};
  }

  Status operator()(const CompleteStep& decision) const {
    StepRecord& record = FindOrAdd(state, decision.path, time_ms);
    if (!IsOpen(record)) return Broken("a step finished after it had ended", decision.path);
    record.output = decision.output;
    End(state, decision.path, record, StepStatus::kDone, time_ms);
    return {};
  }

  Status operator()(const FailStep& decision) const {
    StepRecord& record = FindOrAdd(state, decision.path, time_ms);
    if (!IsOpen(record)) return Broken("a step failed after it had ended", decision.path);
    record.error = decision.error;
    record.tolerated = decision.tolerated;
    End(state, decision.path, record, StepStatus::kFailed, time_ms);
    StopBelow(state, decision.path, time_ms);
    return {};
  }

  Status operator()(const StopStep& decision) const {
    Attempt* attempt = FindAttempt(state, decision.path, decision.attempt);
    if (attempt == nullptr) return Broken("a stop of an attempt that is not under way", decision.path);
    attempt->error = Cancelled("stopped: its work was no longer wanted");
    attempt->usage.device_us = std::max(attempt->usage.device_us, SpentUs(*attempt, time_ms));
    Settle(state, *attempt);
    StepRecord& record = *Find(state, decision.path);
    record.status = StepStatus::kStopped;
    record.ended_ms = time_ms;
    record.committed_text.clear();
    return {};
  }

  Status operator()(const AskPerson& decision) const {
    StepRecord& record = FindOrAdd(state, decision.path, time_ms);
    if (record.status != StepStatus::kWaiting || state.questions.contains(decision.path)) {
      return Broken("a person asked out of turn", decision.path);
    }
    record.status = StepStatus::kWaitsForPerson;
    state.questions[decision.path] = {.ask = decision.ask,
                                      .show = decision.show,
                                      .asked_ms = time_ms,
                                      .expires_ms = decision.expires_ms,
                                      .sequence = state.last_sequence};
    ++state.open_questions;
    if (state.deadline_ms != 0 && state.clock_stopped_ms == 0) state.clock_stopped_ms = time_ms;
    return {};
  }

  Status operator()(const OpenGraph& decision) const {
    StepRecord& holder = FindOrAdd(state, decision.path, time_ms);
    if (!IsOpen(holder) || holder.opened_rounds != 0) return Broken("a graph opened out of turn", decision.path);
    holder.status = StepStatus::kRunning;
    holder.items[0] = decision.input;
    holder.opened_rounds = 1;
    return {};
  }

  // The student's answer has ended the step; where the teacher is asked the step goes on.
  Status operator()(const AskTeacher& decision) const {
    StepRecord* record = Find(state, decision.path);
    const bool follows = record != nullptr && record->status == StepStatus::kDone && !record->doubt &&
                         !IsAsk(decision.path) && !record->attempts.empty() &&
                         record->attempts.back().attempt == decision.attempt;
    if (!follows) return Broken("a teacher asked out of turn", decision.path);
    record->doubt = {.attempt = decision.attempt,
                     .teacher = decision.teacher,
                     .confidence = decision.confidence,
                     .below = decision.below,
                     .refused = decision.refused,
                     .spot_check = decision.spot_check};
    if (!decision.refused.empty()) return {};
    record->doubt->output = std::exchange(record->output, Value());
    record->status = StepStatus::kRunning;
    record->ended_ms = 0;
    if (int* ended = EndedBeside(state, decision.path)) --*ended;
    return {};
  }

  Status operator()(const MoveDeadline& decision) const {
    if (state.clock_stopped_ms == 0 || state.open_questions > 0) {
      return Broken("a deadline moved that nothing held up", "");
    }
    state.deadline_ms = decision.deadline_ms;
    state.clock_stopped_ms = 0;
    return {};
  }

  Status operator()(const FinishTask& decision) const {
    state.status = TaskStatus::kDone;
    state.output = decision.output;
    state.ended_ms = time_ms;
    return {};
  }

  Status operator()(const FailTask& decision) const {
    state.status = decision.error.code == Code::kCancelled ? TaskStatus::kCancelled : TaskStatus::kFailed;
    state.error = decision.error;
    state.error_path = decision.path;
    state.ended_ms = time_ms;
    StopBelow(state, "", time_ms);
    return {};
  }
};

}  // namespace

Attempt* OpenAttempt(StepRecord& record) {
  return record.attempts.empty() || record.attempts.back().ended ? nullptr : &record.attempts.back();
}

const Attempt* OpenAttempt(const StepRecord& record) {
  return record.attempts.empty() || record.attempts.back().ended ? nullptr : &record.attempts.back();
}

bool HasEndedWell(const StepRecord& record) {
  return record.status == StepStatus::kDone || record.status == StepStatus::kSkipped ||
         (record.status == StepStatus::kFailed && record.tolerated);
}

Status ApplyEvent(TaskState& state, const Event& event, UnixMs time_ms) {
  return std::visit(EventApplier{state, time_ms}, event);
}

Status ApplyDecision(TaskState& state, const Decision& decision, UnixMs time_ms) {
  if (state.status != TaskStatus::kRunning) return Broken("a decision on a task that has ended", "");
  return std::visit(DecisionApplier{state, time_ms}, decision);
}

}  // namespace troupe::core
