#include "tests/sim/checks.h"

#include <algorithm>
#include <set>
#include <utility>

#include "router/core/asks.h"
#include "router/core/place.h"
#include "router/rollout/split.h"

namespace troupe::sim {
namespace {

using core::Record;

class TaskChecks {
 public:
  TaskChecks(World& world, const std::string& name, const std::vector<Record>& records, const graph::Graph& graph)
      : world_(world), name_(name), records_(records), graph_(graph) {}

  void Check() {
    for (const Record& record : records_) {
      CheckFollows(record);
      CheckTime(record);
      std::visit([this](const auto& event) { CheckEvent(event); }, record.event);
      for (const core::Decision& decision : record.decisions) CheckDecision(decision);
      const Status folded = core::Fold(state_, record);
      if (!folded) return Wrong(folded.error().message);
      CheckLimits();
      CountWaiting(record);
    }
    if (ends_ != 1) Wrong(std::string("ended ") + std::to_string(ends_) + " times");
    CheckEndsInTime();
    CheckDoubts();
  }
  const core::TaskState& state() const { return state_; }

 private:
  void Wrong(const std::string& what) { world_.Violation(name_ + ": " + what); }

  void CheckFollows(const Record& record) {
    if (record.sequence != ++sequence_)
      Wrong(std::string("record ") + std::to_string(record.sequence) + " out of sequence");
    if (ends_ > 0) Wrong(std::string("record ") + std::to_string(record.sequence) + " after the end");
  }

  // The deadline does not pass while a person is waited for, nor before that time has been added to it.
  void CheckTime(const Record& record) {
    if (const auto* accepted = std::get_if<core::Accepted>(&record.event)) deadline_ms_ = accepted->deadline_ms;
    if (!std::holds_alternative<core::DeadlinePassed>(record.event)) return;
    ++world_.outcome.deadlines_passed;
    if (waiting_since_ms_ != 0) Wrong("its deadline passed while a person was waited for");
    if (record.time_ms < deadline_ms_ + waited_ms_) Wrong("its deadline passed too early");
  }
  void CountWaiting(const Record& record) {
    if (state_.open_questions < 0) Wrong("fewer than no questions are open");
    const bool waits = state_.open_questions > 0;
    if (waits == (waiting_since_ms_ != 0)) return;
    waited_ms_ += waits ? 0 : std::max<int64_t>(0, record.time_ms - waiting_since_ms_);
    waiting_since_ms_ = waits ? record.time_ms : 0;
  }
  // A task with a deadline does not run on after it, but for the time that people took, that the router lost, and by
  // which its clock was set forward: timers do not see that.
  void CheckEndsInTime() {
    if (deadline_ms_ == 0 || ends_ != 1) return;
    const int64_t late_ms =
        records_.back().time_ms - deadline_ms_ - waited_ms_ - world_.lost_ms - world_.set_forward_ms;
    if (late_ms > 0) Wrong("ran on for " + std::to_string(late_ms) + " ms after its deadline");
  }

  void CheckEvent(const core::PersonDecided& decided) {
    ++world_.outcome.decisions;
    if (!finished_.insert(decided.path).second) Wrong("what '" + decided.path + "' asks is decided twice");
  }
  void CheckEvent(const core::WaitExpired& expired) {
    ++world_.outcome.expired_waits;
    if (!finished_.insert(expired.path).second) Wrong("the wait of '" + expired.path + "' ends twice");
  }
  void CheckEvent(const core::StepDone& done) {
    CheckEndedOnce(done.path, done.attempt);
    if (!finished_.insert(done.path).second) Wrong("step '" + done.path + "' is recorded twice");
    const auto& text = done.output["text"].get_ref<const std::string&>();
    if (!text.starts_with(text_[{done.path, done.attempt}])) {
      Wrong("step '" + done.path + "' contradicts the text that was shown");
    }
    const auto asked = asked_.find({done.path, done.attempt});
    if (asked == asked_.end() || done.output["of"] != asked->second) {
      Wrong("step '" + done.path + "' holds the answer to another question");
    }
  }
  void CheckEvent(const core::StepFailed& failed) { CheckEndedOnce(failed.path, failed.attempt); }
  void CheckEvent(const core::StepProgress& progress) {
    ++world_.outcome.progress_records;
    if (ended_.contains({progress.path, progress.attempt})) Wrong("text of '" + progress.path + "' after its end");
    text_[{progress.path, progress.attempt}] += progress.text;
  }
  // Another question in place of an old one has an end of its own.
  void CheckEvent(const core::StepAsked& asked) { finished_.erase(core::AskPath(asked.path, asked.ordinal)); }
  template <typename Other>
  void CheckEvent(const Other&) {}

  void CheckEndedOnce(const std::string& path, int attempt) {
    if (!ended_.insert({path, attempt}).second) Wrong("an attempt at '" + path + "' is recorded as ended twice");
  }

  void CheckDecision(const core::Decision& decision) {
    if (const auto* start = std::get_if<core::StartStep>(&decision)) {
      const size_t question = std::hash<std::string>()(Dump(start->input));
      if (!asked_.emplace(std::pair(start->path, start->attempt), question).second) {
        Wrong("an attempt at '" + start->path + "' is started twice");
      }
      if (finished_.contains(start->path)) Wrong("step '" + start->path + "' is started after its end");
      CheckTeacher(*start, question);
    }
    if (const auto* ask = std::get_if<core::AskTeacher>(&decision)) CheckAskTeacher(*ask);
    if (std::holds_alternative<core::FinishTask>(decision) || std::holds_alternative<core::FailTask>(decision)) ++ends_;
  }

  // A student that is unsure, or checked, has answered once and its teacher is asked the same, once; what it said is
  // not lost.
  void CheckAskTeacher(const core::AskTeacher& ask) {
    if (!ended_.contains({ask.path, ask.attempt})) Wrong("the student of '" + ask.path + "' has not answered");
    if ((ask.confidence >= ask.below) != ask.spot_check)
      Wrong("the student of '" + ask.path + "' is taken for another");
    if (ask.spot_check && !ask.refused.empty()) Wrong("a spot check of '" + ask.path + "' is refused");
    world_.outcome.spot_checks += ask.spot_check;
    if (!doubts_.emplace(ask.path, ask).second) Wrong("the teacher of '" + ask.path + "' is asked twice");
    if (!ask.refused.empty()) return;
    ++world_.outcome.teachers_asked;
    finished_.erase(ask.path);
  }
  void CheckTeacher(const core::StartStep& start, size_t question) {
    const auto doubt = doubts_.find(start.path);
    if (doubt == doubts_.end()) return;
    const core::AskTeacher& ask = doubt->second;
    if (start.agent != ask.teacher || start.attempt != ask.attempt + 1 || asked_[{ask.path, ask.attempt}] != question) {
      Wrong("'" + start.path + "' goes on with something else than its teacher");
    }
  }
  void CheckDoubts() {
    for (const auto& [path, ask] : doubts_) {
      const core::StepRecord& step = state_.steps.at(path);
      if (step.status == core::StepStatus::kFailed) Wrong("'" + path + "' failed although its student had answered");
      const bool is_students = step.status == core::StepStatus::kDone &&
                               (!ask.refused.empty() || step.attempts.back().error.code != Code::kOk);
      world_.outcome.unsure_answers += is_students && !ask.spot_check;
      if (is_students && ask.refused.empty() && step.output != step.doubt->output) {
        Wrong("'" + path + "' does not give what its student had answered");
      }
    }
  }

  void CheckLimit(const std::string& what, int64_t limit, int64_t used, int64_t reserved) {
    if (reserved < 0) Wrong("less than no " + what + " is set aside");
    if (limit > 0 && used + reserved > limit) Wrong("more " + what + " than its limit");
  }

  void CheckLimits() {
    CheckLimit("tokens", state_.limits.tokens, state_.usage.generated_tokens, state_.reserved.tokens);
    CheckLimit("device time", state_.limits.device_us, state_.usage.device_us, state_.reserved.device_us);
    CheckLimit("money", state_.limits.money, state_.money, state_.reserved.money);
    CheckAsks();
    for (const auto& [path, record] : state_.steps) {
      if (record.opened_rounds == 0) continue;
      const graph::Step* step = core::FindStep(graph_, path);
      if (step->each && record.opened_rounds - record.ended_rounds > step->each->parallel) {
        Wrong("more rounds of '" + path + "' at once than it may run");
      }
      if (step->repeat && record.opened_rounds > step->repeat->max) Wrong("more turns of '" + path + "' than its max");
    }
  }

  void CheckAsks() {
    std::map<std::pair<std::string_view, std::string>, int> asks;
    for (const auto& [path, record] : state_.steps) {
      const auto ask = core::SplitAsk(path);
      if (!ask) continue;
      const std::string& peer = record.attempts.back().agent;
      int most = 0;
      for (const auto& [name, agent] : graph_.agents) {
        const auto allowed = agent.asks.find(peer);
        if (allowed != agent.asks.end()) most = std::max(most, allowed->second);
      }
      if (++asks[{ask->asker, peer}] > most) Wrong("more questions to '" + peer + "' than it may be asked");
      const core::StepRecord& asker = state_.steps.find(ask->asker)->second;
      const bool is_open = !record.attempts.back().ended;
      if (is_open && (asker.attempts.empty() || asker.attempts.back().ended))
        Wrong("'" + path + "' outlives who asked it");
    }
  }

  World& world_;
  const std::string& name_;
  const std::vector<Record>& records_;
  const graph::Graph& graph_;
  core::TaskState state_;
  int64_t sequence_ = 0;
  int ends_ = 0;
  UnixMs deadline_ms_ = 0;
  UnixMs waiting_since_ms_ = 0;
  int64_t waited_ms_ = 0;
  std::set<std::string> finished_;
  std::set<std::pair<std::string, int>> ended_;
  std::map<std::pair<std::string, int>, size_t> asked_;
  std::map<std::pair<std::string, int>, std::string> text_;
  std::map<std::string, core::AskTeacher> doubts_;
};

// Whoever was told that a decision holds finds it recorded, once; whoever was refused does not.
void CheckDecisions(World& world, const Client& client, const std::vector<Record>& records) {
  for (const Client::Told& told : client.told()) {
    int found = 0;
    for (const Record& record : records) {
      const auto* decided = std::get_if<core::PersonDecided>(&record.event);
      found += decided != nullptr && *decided == told.decided;
    }
    world.outcome.refused_decisions += told.code != Code::kOk;
    if (told.code != Code::kOk && told.code != Code::kFailedPrecondition) {
      world.Violation(client.task() + ": a decision on '" + told.decided.path + "' is answered with " +
                      std::string(CodeName(told.code)));
    }
    if (found == (told.code == Code::kOk ? 1 : 0)) continue;
    world.Violation(client.task() + ": a decision on '" + told.decided.path + "' was answered with " +
                    std::string(CodeName(told.code)) + " and is recorded " + std::to_string(found) + " times");
  }
}

void CheckClient(World& world, const Client& client, const Disk& disk) {
  if (client.task().empty()) {
    return world.Violation("request " + client.submission().request_id + " was never answered");
  }
  const auto found = disk.tasks().find(client.task());
  if (found == disk.tasks().end()) return world.Violation(client.task() + ": was accepted and is lost");
  for (const auto& seen : client.seen()) {
    if (seen.size() != found->second.size()) {
      world.Violation(client.task() + ": a watcher saw " + std::to_string(seen.size()) + " records of " +
                      std::to_string(found->second.size()));
    }
    for (size_t i = 0; i < std::min(seen.size(), found->second.size()); ++i) {
      if (seen[i] == found->second[i]) continue;
      world.Violation(client.task() + ": a watcher saw another record " + std::to_string(i + 1) + " than is on disk");
      break;
    }
  }
  CheckDecisions(world, client, found->second);
}

// A task runs on the version that was picked by what held then.
void CheckVersion(World& world, const Disk& disk, const std::string& name, const core::Accepted& accepted) {
  rollout::Rollout rollout;
  for (size_t i = 0; i < world.picked_after.at(name); ++i) {
    const Disk::GraphEvent& written = disk.graph_events()[i];
    if (written.graph == accepted.graph) rollout::Fold(rollout, written.event);
  }
  const std::string& right = rollout::PickVersion(rollout, accepted.request_id);
  world.outcome.tasks_on_canaries += rollout.canary && accepted.version.value == rollout.canary->version;
  if (accepted.version.value == right) return;
  world.Violation(name + ": runs on " + accepted.version.value + " in place of " + right);
}

// What rolls back by itself had to, and what had to did.
void CheckRollouts(World& world, const Disk& disk, const Router& router, const Graphs& graphs) {
  const auto why = [&](const std::string& graph, const rollout::Rollout& rollout, int64_t before_position) {
    const CanaryTallies tallies = CountOnDisk(disk, graphs, graph, rollout, before_position);
    return rollout::WhyRollBack(rollout.canary->rule, tallies.on_canary, tallies.on_current);
  };
  std::set<std::string> names;
  for (const Disk::GraphEvent& written : disk.graph_events()) {
    names.insert(written.graph);
    const auto* back = std::get_if<rollout::RolledBack>(&written.event.what);
    if (back == nullptr || !back->automatic) continue;
    ++world.outcome.automatic_rollbacks;
    const rollout::Rollout before = FoldFromDisk(disk, written.graph, written.position);
    // Other tasks may have ended while that was on its way to the disk: it was right after one of the ends before it.
    const bool was_bad =
        before.canary && std::any_of(disk.places().begin(), disk.places().end(), [&](const auto& task) {
          const int64_t ended_at = task.second.ended_at;
          return ended_at != 0 && ended_at < written.position && why(written.graph, before, ended_at + 1);
        });
    if (!was_bad) world.Violation(written.graph + ": a canary was rolled back that did well");
  }
  for (const std::string& name : names) {
    const rollout::Rollout now = FoldFromDisk(disk, name, kEver);
    if (now.current != router.RolloutOf(name).current ||
        now.canary.has_value() != router.RolloutOf(name).canary.has_value())
      world.Violation(name + ": its events do not give what the router holds");
    if (now.canary && why(name, now, kEver)) world.Violation(name + ": a canary goes on that does badly");
  }
}

}  // namespace

void CheckAtRest(World& world, const Agents& agents, const Calls& calls) {
  if (calls.count() > 0) world.Violation(std::to_string(calls.count()) + " calls never ended");
  for (const auto& [name, replicas] : agents.agents()) {
    const auto candidates = calls.Candidates(name);
    for (size_t i = 0; i < replicas.size(); ++i) {
      const std::string who = name + "-" + std::to_string(i);
      if (!replicas[i].streams.empty()) world.Violation(who + " has lost a slot");
      if (candidates[i].in_flight != 0) world.Violation(who + " is thought to be at work");
      if (!candidates[i].ready) world.Violation(who + " is thought to be gone");
    }
  }
}

void CheckWorld(World& world, const Disk& disk, const Router& router, const std::map<std::string, graph::Graph>& graphs,
                const std::vector<std::unique_ptr<Client>>& clients) {
  for (const auto& [name, records] : disk.tasks()) {
    const auto* accepted = std::get_if<core::Accepted>(&records.front().event);
    if (accepted == nullptr) {
      world.Violation(name + ": does not begin with its acceptance");
      continue;
    }
    TaskChecks checks(world, name, records, graphs.at(accepted->version.value));
    checks.Check();
    CheckVersion(world, disk, name, *accepted);
    const core::TaskState* live = router.StateOf(name);
    if (live == nullptr || !(*live == checks.state())) {
      world.Violation(name + ": its records do not give the state that the router holds");
    }
    ++world.outcome.tasks;
    world.outcome.records += static_cast<int64_t>(records.size());
    world.outcome.tasks_done += checks.state().status == core::TaskStatus::kDone;
  }
  for (const auto& client : clients) CheckClient(world, *client, disk);
  CheckRollouts(world, disk, router, graphs);
}

}  // namespace troupe::sim
