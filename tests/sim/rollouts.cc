#include "tests/sim/rollouts.h"

#include <utility>

#include "router/core/core.h"
#include "router/core/count_students.h"
#include "router/rollout/split.h"

namespace troupe::sim {
namespace {

// False where its end says nothing about a canary.
bool Count(CanaryTallies& tallies, const Graphs& versions, const rollout::Rollout& rollout,
           const core::TaskState& state, int64_t key) {
  if (!rollout.canary || key <= rollout.canary->after_task) return false;
  if (state.status != core::TaskStatus::kDone && state.status != core::TaskStatus::kFailed) return false;
  const rollout::Tally ended{1, state.status == core::TaskStatus::kFailed ? 1 : 0,
                             core::CountStudents(versions.at(state.version.value), state)};
  if (state.version.value == rollout.canary->version) tallies.on_canary += ended;
  if (state.version.value == rollout.current) tallies.on_current += ended;
  return true;
}

}  // namespace

CanaryTallies CountOnDisk(const Disk& disk, const Graphs& versions, const std::string& graph,
                          const rollout::Rollout& rollout, int64_t before_position) {
  CanaryTallies tallies;
  for (const auto& [task, place] : disk.places()) {
    if (place.ended_at == 0 || place.ended_at >= before_position) continue;
    core::TaskState state;
    for (const core::Record& record : disk.tasks().at(task)) (void)core::Fold(state, record);
    if (state.graph == graph) Count(tallies, versions, rollout, state, place.key);
  }
  return tallies;
}

rollout::Rollout FoldFromDisk(const Disk& disk, const std::string& graph, int64_t before_position) {
  rollout::Rollout rollout;
  for (const Disk::GraphEvent& written : disk.graph_events()) {
    if (written.graph == graph && written.position < before_position) rollout::Fold(rollout, written.event);
  }
  return rollout;
}

Rollouts::Rollouts(World& world, Disk& disk, const Graphs& versions) : world_(world), disk_(disk), versions_(versions) {
  disk_.AttachGraphs([this](const std::string& graph, const rollout::Event& event) {
    if (world_.options.bug != Bug::kVersionBeforeDisk) OnWritten(graph, event);
  });
}

void Rollouts::Recover() {
  for (const Disk::GraphEvent& written : disk_.graph_events()) graphs_[written.graph];
  for (auto& [name, graph] : graphs_) {
    graph.rollout = FoldFromDisk(disk_, name, kEver);
    if (!graph.rollout.canary || world_.options.bug == Bug::kCanaryCountedInMemory) continue;
    graph.tallies = CountOnDisk(disk_, versions_, name, graph.rollout, kEver);
    Take(name, JudgeWish{}, [] {});
  }
}

void Rollouts::Crash() {
  graphs_.clear();
  waiting_.clear();
  writing_ = false;
}

std::string Rollouts::Pick(const std::string& graph, const std::string& request_id) const {
  return rollout::PickVersion(graphs_.at(graph).rollout, request_id);
}

void Rollouts::Take(const std::string& graph, const Wish& wish, std::function<void()> on_answer) {
  waiting_.push_back({graph, wish, std::move(on_answer)});
  if (!writing_) Next();
}

void Rollouts::Next() {
  while (!writing_ && !waiting_.empty()) {
    const Waiting& first = waiting_.front();
    if (auto what = DecideOn(first.graph, first.wish)) {
      const rollout::Event event{world_.wall_ms(), std::move(*what)};
      const std::string name = first.graph;
      writing_ = true;
      Prepare(graphs_.at(name), event);
      disk_.Append(name, event);
      if (world_.options.bug == Bug::kVersionBeforeDisk) OnWritten(name, event);
      return;
    }
    const auto on_answer = first.on_answer;
    waiting_.pop_front();
    on_answer();
  }
}

void Rollouts::Prepare(Graph& graph, const rollout::Event& event) {
  graph.next = graph.rollout;
  rollout::Fold(*graph.next, event);
  const auto version = [](const rollout::Rollout& of) { return of.canary ? of.canary->version : ""; };
  graph.next_tallies = version(*graph.next) == version(graph.rollout) ? graph.tallies : CanaryTallies();
}

std::optional<rollout::What> Rollouts::DecideOn(const std::string& name, const Wish& wish) const {
  const Graph& graph = graphs_.at(name);
  const rollout::Rollout& rollout = graph.rollout;
  const auto unless_refused = [](Result<rollout::What> what) {
    return what ? std::optional(std::move(*what)) : std::nullopt;
  };
  if (const auto* apply = std::get_if<ApplyWish>(&wish)) return rollout::DecideApply(rollout, apply->version);
  if (const auto* canary = std::get_if<CanaryWish>(&wish)) {
    auto what = rollout::DecideCanary(rollout, canary->version, canary->rule, disk_.last_key());
    return what ? *what : std::nullopt;
  }
  if (std::holds_alternative<PromoteWish>(wish)) return unless_refused(rollout::DecidePromote(rollout, ""));
  if (std::holds_alternative<RollBackWish>(wish)) {
    return unless_refused(rollout::DecideRollBack(rollout, "", "by its operator"));
  }
  if (!rollout.canary) return std::nullopt;
  const auto why = rollout::WhyRollBack(rollout.canary->rule, graph.tallies.on_canary, graph.tallies.on_current);
  if (!why) return std::nullopt;
  return rollout::DecideAutomaticRollBack(rollout, *why);
}

void Rollouts::OnWritten(const std::string& name, const rollout::Event&) {
  Graph& graph = graphs_.at(name);
  graph.rollout = *std::exchange(graph.next, std::nullopt);
  graph.tallies = graph.next_tallies;
  const std::string now = graph.rollout.canary ? graph.rollout.canary->version : "";
  world_.Trace(name + " runs on " + graph.rollout.current + (now.empty() ? "" : ", canary " + now));
  const auto on_answer = std::move(waiting_.front().on_answer);
  waiting_.pop_front();
  writing_ = false;
  on_answer();
  // another rule may be stricter than the one before
  if (!now.empty()) waiting_.push_back({name, JudgeWish{}, [] {}});
  if (!writing_) Next();
}

void Rollouts::NoteEnd(const core::TaskState& state, int64_t key) {
  const auto found = graphs_.find(state.graph);
  if (found == graphs_.end()) return;
  Graph& graph = found->second;
  if (graph.next) Count(graph.next_tallies, versions_, *graph.next, state, key);
  if (!Count(graph.tallies, versions_, graph.rollout, state, key)) return;
  Take(state.graph, JudgeWish{}, [] {});
}

}  // namespace troupe::sim
