// Which versions of its graphs new tasks run on, as the simulated router keeps it: wishes are decided on one at a time,
// their events hold once they are on disk, the ends of tasks are counted, and a canary that does badly is rolled back.
// A crash forgets all but the disk. The decisions are the real ones (router/rollout).
#pragma once

#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "router/graph/graph.h"
#include "router/rollout/rollout.h"
#include "router/rollout/verdict.h"
#include "tests/sim/disk.h"
#include "tests/sim/world.h"

namespace troupe::sim {

struct ApplyWish {
  std::string version;
};
struct CanaryWish {
  std::string version;
  rollout::CanaryRule rule;
};
struct PromoteWish {};
struct RollBackWish {};
// The router's own.
struct JudgeWish {};
using Wish = std::variant<ApplyWish, CanaryWish, PromoteWish, RollBackWish, JudgeWish>;

// A position after all that is on disk.
inline constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

// How a canary and the version beside it do, by the ends that were on disk before `position`.
struct CanaryTallies {
  rollout::Tally on_canary;
  rollout::Tally on_current;
};
using Graphs = std::map<std::string, graph::Graph>;  // by version
CanaryTallies CountOnDisk(const Disk& disk, const Graphs& versions, const std::string& graph,
                          const rollout::Rollout& rollout, int64_t before_position);
// What the events on disk make of a graph, those before `position`.
rollout::Rollout FoldFromDisk(const Disk& disk, const std::string& graph, int64_t before_position);

class Rollouts {
 public:
  Rollouts(World& world, Disk& disk, const Graphs& versions);

  // What is on disk holds again. `later` runs something unless the router has crashed by then.
  void Recover();
  void Crash();
  // The version that a new task runs on.
  std::string Pick(const std::string& graph, const std::string& request_id) const;
  // Answers once it holds, or is refused. Never, where a crash comes between.
  void Take(const std::string& graph, const Wish& wish, std::function<void()> on_answer);
  // A task's end is on disk.
  void NoteEnd(const core::TaskState& state, int64_t key);
  const rollout::Rollout& Of(const std::string& graph) const { return graphs_.at(graph).rollout; }

 private:
  struct Graph {
    rollout::Rollout rollout;
    CanaryTallies tallies;
    // What will hold once the event that is being written is on disk; ends are counted for it already.
    std::optional<rollout::Rollout> next;
    CanaryTallies next_tallies;
  };
  struct Waiting {
    std::string graph;
    Wish wish;
    std::function<void()> on_answer;
  };

  void Next();
  // The event is about to be written.
  static void Prepare(Graph& graph, const rollout::Event& event);
  void OnWritten(const std::string& graph, const rollout::Event& event);
  std::optional<rollout::What> DecideOn(const std::string& name, const Wish& wish) const;

  World& world_;
  Disk& disk_;
  const Graphs& versions_;
  std::map<std::string, Graph> graphs_;
  // One change at a time: the first of them is being written where `writing_`.
  std::deque<Waiting> waiting_;
  bool writing_ = false;
};

}  // namespace troupe::sim
