#include "tests/sim/router.h"

#include <utility>

#include "router/core/asks.h"

namespace troupe::sim {
Router::Router(World& world, Disk& disk, Calls& calls, const std::map<std::string, graph::Graph>& graphs)
    : world_(world), disk_(disk), calls_(calls), graphs_(graphs), rollouts_(world, disk, graphs), clock_(world.clock) {
  disk_.Attach([this](const std::string& name, const core::Record& record) { OnWritten(name, record); });
  calls_.Attach([this](const std::string& agent) { OnRoom(agent); });
  Start();
}

Router::~Router() {
  for (auto& [name, task] : tasks_) {
    for (auto& [path, attempt] : task.attempts) Drop(attempt);
  }
}

void Router::Later(int64_t delay_ms, std::function<void()> action) {
  world_.clock.After(delay_ms, [this, life = life_, action = std::move(action)] {
    if (life == life_) action();
  });
}

void Router::Crash() {
  if (!is_up_) return;
  ++world_.outcome.router_crashes;
  world_.Trace("router crashes");
  is_up_ = false;
  crashed_ms_ = world_.clock.now_ms();
  ++life_;
  // First, so that the attempts find nothing to cancel: the wires do it.
  calls_.Crash();
  for (auto& [name, task] : tasks_) {
    for (auto& [path, attempt] : task.attempts) Drop(attempt);
  }
  tasks_.clear();
  by_request_.clear();
  waiting_.clear();
  breakers_.clear();
  hedging_.clear();
  rollouts_.Crash();
  disk_.Crash();
  Later(world_.chance.Between(1, 200), [this] { Start(); });
}

void Router::Start() {
  is_up_ = true;
  if (crashed_ms_ != 0) world_.lost_ms += world_.clock.now_ms() - crashed_ms_;
  calls_.Connect();
  rollouts_.Recover();
  for (const auto& [name, records] : disk_.tasks()) Recover(name, records);
}

void Router::Recover(const std::string& name, const std::vector<core::Record>& records) {
  Task& task = tasks_[name];
  for (const core::Record& record : records) {
    const Status folded = core::Fold(task.state, record);
    if (!folded) return world_.Violation(name + ": " + folded.error().message);
  }
  world_.Trace(name + " recovered at record " + std::to_string(task.state.last_sequence));
  task.records = records;
  task.written = task.state.last_sequence;
  task.graph = &graphs_.at(task.state.version.value);
  by_request_[task.state.request_id] = name;
  if (task.state.status != core::TaskStatus::kRunning) return;
  if (world_.options.bug != Bug::kNoAlarmAfterRestart) ArmAlarm(name);
  for (const core::Pending& pending : core::PendingWork(task.state)) {
    const core::Attempt& attempt = *pending.attempt;
    Begin(name,
          {.path = pending.path,
           .attempt = attempt.attempt,
           .agent = attempt.agent,
           .input = attempt.input,
           .timeout_ms = attempt.timeout_ms,
           .reserved = attempt.reserved,
           .price = attempt.price,
           .may_hedge = attempt.may_hedge},
          PauseLeft(name, pending));
  }
  if (world_.options.bug != Bug::kFinishedStepRunsAgain) return;
  for (const auto& [path, record] : task.state.steps) {
    if (record.status != core::StepStatus::kDone || record.attempts.empty() || !world_.chance.OneIn(4)) continue;
    const core::Attempt& last = record.attempts.back();
    Begin(name, {.path = path, .attempt = last.attempt, .agent = last.agent, .input = last.input}, 0);
  }
}

int64_t Router::PauseLeft(const std::string& name, const core::Pending& pending) {
  const core::Attempt& attempt = *pending.attempt;
  const int64_t by_the_clock_ms = std::max<int64_t>(0, attempt.not_before_ms - world_.wall_ms());
  const int64_t pause_ms =
      world_.options.bug == Bug::kPauseByTheClock ? by_the_clock_ms : core::PauseLeftMs(attempt, world_.wall_ms());
  const int64_t decided_ms = std::max<int64_t>(0, attempt.not_before_ms - attempt.decided_ms);
  if (pause_ms > decided_ms) {
    world_.Violation(name + ": step '" + pending.path + "' pauses " + std::to_string(pause_ms) + " ms, of " +
                     std::to_string(decided_ms) + " that were decided");
  }
  return pause_ms;
}

bool Router::Submit(const Submission& submission, std::function<void(std::string)> on_answer) {
  if (!is_up_) return false;
  const auto known = by_request_.find(submission.request_id);
  std::string name;
  if (known != by_request_.end()) {
    name = known->second;
  } else {
    // A new life must not give a name again that was given in the one before and lost.
    name = std::string("task") + std::to_string(life_) + "-" + std::to_string(++last_task_);
    by_request_[submission.request_id] = name;
    const graph::Graph& graph = graphs_.at(rollouts_.Pick(submission.graph, submission.request_id));
    tasks_[name].graph = &graph;
    world_.picked_after[name] = disk_.graph_events().size();
    const int64_t timeout_ms = submission.timeout_ms;
    Take(name, core::Accepted{.graph = graph.name,
                              .version = graph.version,
                              .input = submission.input,
                              .request_id = submission.request_id,
                              .deadline_ms = timeout_ms == 0 ? 0 : world_.wall_ms() + timeout_ms,
                              .limits = submission.limits});
  }
  Task& task = tasks_[name];
  if (task.written >= 1 || world_.options.bug == Bug::kAnswerBeforeDisk) {
    on_answer(name);
  } else {
    task.answers.emplace(1, [name, on_answer = std::move(on_answer)] { on_answer(name); });
  }
  return true;
}

bool Router::Watch(const std::string& name, int64_t after_sequence,
                   std::function<void(const core::Record&)> on_record) {
  const auto found = tasks_.find(name);
  if (!is_up_ || found == tasks_.end()) return false;
  Task& task = found->second;
  const int64_t last = world_.options.bug == Bug::kAnswerBeforeDisk ? task.state.last_sequence : task.written;
  for (int64_t i = after_sequence; i < last; ++i) on_record(task.records[static_cast<size_t>(i)]);
  task.watchers.push_back(std::move(on_record));
  return true;
}

bool Router::Cancel(const std::string& name, std::function<void()> on_answer) {
  const auto found = tasks_.find(name);
  if (!is_up_ || found == tasks_.end()) return false;
  Take(name, core::CancelRequested{"by its client"});
  AnswerOnDisk(found->second, std::move(on_answer));
  return true;
}

bool Router::Decide(const std::string& name, const core::PersonDecided& decided, std::function<void(Code)> on_answer) {
  const auto found = tasks_.find(name);
  if (!is_up_ || found == tasks_.end()) return false;
  Task& task = found->second;
  const auto verdict = core::Examine(task.graph, task.state, decided);
  const Code code = verdict ? Code::kOk : verdict.error().code;
  if (verdict) Take(name, decided);
  AnswerOnDisk(task, [code, on_answer = std::move(on_answer)] { on_answer(code); });
  return true;
}

bool Router::Change(const std::string& graph, const Wish& wish, std::function<void()> on_answer) {
  if (!is_up_) return false;
  rollouts_.Take(graph, wish, std::move(on_answer));
  return true;
}

void Router::AnswerOnDisk(Task& task, std::function<void()> answer) {
  if (task.written >= task.state.last_sequence) {
    answer();
  } else {
    task.answers.emplace(task.state.last_sequence, std::move(answer));
  }
}

// As the real one does: one timer for the next moment at which time alone changes the task.
void Router::ArmAlarm(const std::string& name) {
  Task& task = tasks_[name];
  const auto next = core::NextAlarm(task.state);
  const UnixMs at_ms = next ? next->at_ms : 0;
  if (at_ms == task.alarm_ms) return;
  task.alarm_ms = at_ms;
  if (!next) return;
  Later(std::max<int64_t>(0, at_ms - world_.wall_ms()), [this, name, at_ms] {
    Task& later = tasks_[name];
    if (later.alarm_ms != at_ms) return;
    later.alarm_ms = 0;
    if (auto due = core::NextAlarm(later.state)) Take(name, std::move(due->event));
    // it went off too early where the clock was set back meanwhile
    if (world_.options.bug != Bug::kAlarmOnlyOnce) ArmAlarm(name);
  });
}

void Router::Take(const std::string& name, core::Event event) {
  Task& task = tasks_[name];
  std::optional<core::StepAsked> asked;
  if (const auto* question = std::get_if<core::StepAsked>(&event)) asked = *question;
  std::string ended;
  if (const auto* done = std::get_if<core::StepDone>(&event)) ended = done->path;
  if (const auto* failed = std::get_if<core::StepFailed>(&event)) ended = failed->path;
  const auto record = core::Decide(*task.graph, task.state, std::move(event), world_.wall_ms());
  if (!record && asked) {
    const core::AskRuling ruling = core::RuleOnAsk(*task.graph, task.state, *asked);
    if (ruling.what == core::AskRuling::What::kAnswered)
      Answer(name, asked->path, asked->ordinal, {asked->ordinal, asked->peer, asked->input}, ruling.answer);
  }
  if (!record) return;
  if (const auto ask = core::SplitAsk(ended)) {
    const core::StepRecord& step = task.state.steps.at(ended);
    const core::Attempt& last = step.attempts.back();
    Answer(name, std::string(ask->asker), ask->ordinal, {ask->ordinal, last.agent, last.input}, core::AnswerOf(step));
  }
  world_.Trace(name + " record " + std::to_string(record->sequence) + ", event " +
               std::to_string(record->event.index()) + ", " + std::to_string(record->decisions.size()) + " decisions");
  task.records.push_back(*record);
  disk_.Append(name, *record);
  if (world_.options.bug == Bug::kAnswerBeforeDisk) Release(task, *record);
  for (const core::Decision& decision : record->decisions) {
    if (const auto* start = std::get_if<core::StartStep>(&decision)) {
      Begin(name, *start, std::max<int64_t>(0, start->not_before_ms - world_.wall_ms()));
    } else if (const auto* stop = std::get_if<core::StopStep>(&decision)) {
      Stop(task, stop->path);
    }
  }
  ArmAlarm(name);
}

void Router::OnWritten(const std::string& name, const core::Record& record) {
  Task& task = tasks_[name];
  task.written = record.sequence;
  if (world_.options.bug != Bug::kAnswerBeforeDisk) Release(task, record);
  const auto end = task.answers.upper_bound(record.sequence);
  std::vector<std::function<void()>> answers;
  for (auto it = task.answers.begin(); it != end; ++it) answers.push_back(std::move(it->second));
  task.answers.erase(task.answers.begin(), end);
  for (const auto& answer : answers) answer();
  if (const Disk::Place& place = disk_.places().at(name);
      place.ended_at != 0 && record.sequence == task.state.last_sequence)
    rollouts_.NoteEnd(task.state, place.key);
}

void Router::Release(Task& task, const core::Record& record) {
  const auto watchers = task.watchers;
  for (const auto& watcher : watchers) watcher(record);
}

const core::TaskState* Router::StateOf(const std::string& task) const {
  const auto found = tasks_.find(task);
  return found == tasks_.end() ? nullptr : &found->second.state;
}

}  // namespace troupe::sim
