#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include "tests/sim/agents.h"
#include "tests/sim/calls.h"
#include "tests/sim/checks.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/graph_maker.h"
#include "tests/sim/network.h"
#include "tests/sim/router.h"

namespace troupe::sim {
namespace {

constexpr int64_t kMaxActions = 500'000;

// The versions that there are, the first of each graph first.
using Names = std::map<std::string, std::vector<std::string>>;

// One or two graphs, some of them with two versions.
std::map<std::string, graph::Graph> MakeGraphs(Chance& chance, Names& names) {
  std::map<std::string, graph::Graph> graphs;
  for (int64_t i = chance.Between(1, 2); i > 0; --i) {
    const std::string name = std::string("graph") + std::to_string(i);
    for (int64_t version = chance.Between(1, 2); version > 0; --version) {
      graph::Graph graph = MakeRandomGraph(chance, name);
      graph.version.value = name + "@" + std::to_string(names[name].size() + 1);
      names[name].push_back(graph.version.value);
      graphs.emplace(graph.version.value, std::move(graph));
    }
  }
  return graphs;
}

Wish MakeWish(Chance& chance, const std::vector<std::string>& versions) {
  const std::string& version = versions[static_cast<size_t>(chance.Between(0, 1))];
  switch (chance.Between(0, 5)) {
    case 0:
      return ApplyWish{version};
    case 1:
      return PromoteWish{};
    case 2:
      return RollBackWish{};
    default:
      return CanaryWish{version,
                        {.percent = static_cast<int>(chance.Between(30, 90)),
                         .min_tasks = chance.Between(1, 2),
                         .margin_percent = static_cast<int>(chance.Between(1, 20)),
                         .unsure_margin_percent = static_cast<int>(chance.Between(1, 20)),
                         .differing_margin_percent = static_cast<int>(chance.Between(1, 20)),
                         .min_checks = chance.Between(1, 2)}};
  }
}

bool IsSame(const rollout::Rollout& a, const rollout::Rollout& b) {
  const auto canary = [](const rollout::Rollout& of) {
    return of.canary ? std::tuple(of.canary->version, of.canary->rule.percent, of.canary->after_task)
                     : std::tuple(std::string(), 0, int64_t{0});
  };
  return a.current == b.current && a.earlier == b.earlier && canary(a) == canary(b);
}

// Whoever looks after graphs says what is to be until the router answers.
void Insist(World& world, Router& router, const Disk& disk, const std::string& graph, const Wish& wish) {
  constexpr int64_t kAgainMs = 3000;  // longer than any disk is slow
  const auto answered = std::make_shared<bool>(false);
  const auto ask = std::make_shared<std::function<void()>>();
  *ask = [&world, &router, &disk, graph, wish, answered, weak = std::weak_ptr(ask)] {
    if (*answered) return;
    router.Change(graph, wish, [&, answered, graph] {
      *answered = true;
      if (!IsSame(FoldFromDisk(disk, graph, kEver), router.RolloutOf(graph))) {
        world.Violation(graph + ": a wish was answered before it was on disk");
      }
    });
    world.clock.After(kAgainMs, [again = weak.lock()] { (*again)(); });
  };
  world.clock.After(world.chance.Between(0, 1500), [ask] { (*ask)(); });
}

Submission MakeSubmission(World& world, const Names& graphs, int64_t number) {
  Chance& chance = world.chance;
  const auto graph = std::next(graphs.begin(), chance.Between(0, static_cast<int64_t>(graphs.size()) - 1));
  return {.graph = graph->first,
          .input = MakeRandomInput(chance),
          .request_id = std::string("request") + std::to_string(number),
          .timeout_ms = chance.Percent(30) ? chance.Between(1, 2000) : 0,
          .limits = {.tokens = chance.Percent(40) ? chance.Between(kMaxTokens, chance.OneIn(2) ? 10 : 60) : 0,
                     .device_us = chance.Percent(5) ? chance.Between(200, 4000) * 1000 : 0,
                     .money = chance.Percent(20) ? chance.Between(12, 200) : 0}};
}

// Runs `mishap` up to `most` times, at any time.
void Sometimes(World& world, int64_t most, const std::function<void()>& mishap) {
  for (int64_t i = world.chance.Between(0, most); i > 0; --i) world.clock.After(world.chance.Between(0, 1500), mishap);
}

}  // namespace

void World::SetClock() {
  const int64_t by_ms = chance.OneIn(2) ? chance.Between(-2000, 2000) : chance.Between(-30'000, 30'000);
  skew_ms += by_ms;
  set_forward_ms += std::max<int64_t>(0, by_ms);
  ++outcome.clock_jumps;
  Trace("the router's clock is set by " + std::to_string(by_ms) + " ms");
}

void World::Trace(const std::string& line) const {
  if (options.trace) std::printf("%8lld ms  %s\n", static_cast<long long>(clock.now_ms() - kStartMs), line.c_str());
}

void World::Violation(std::string what) {
  Trace("WRONG: " + what);
  outcome.violations.push_back(std::move(what));
}

Outcome Simulate(const Options& options) {
  World world(options);
  Chance& chance = world.chance;
  Names names;
  const std::map<std::string, graph::Graph> graphs = MakeGraphs(chance, names);
  Disk disk(world);
  for (const auto& [name, versions] : names) {
    disk.Prepare(name, {world.wall_ms(), rollout::Applied{versions.front()}});
  }
  Network network(world);
  Agents agents(world, AgentNames());
  Calls calls(world, network, agents);
  Router router(world, disk, calls, graphs);
  std::vector<std::unique_ptr<Client>> clients;
  bool has_canaries = false;
  for (const auto& [name, versions] : names) {
    if (versions.size() == 1) continue;
    has_canaries = true;
    for (int64_t i = chance.Between(1, 4); i > 0; --i) Insist(world, router, disk, name, MakeWish(chance, versions));
  }
  for (int64_t i = chance.Between(1, has_canaries && chance.OneIn(2) ? 9 : 5); i > 0; --i) {
    clients.push_back(std::make_unique<Client>(world, network, router, MakeSubmission(world, names, i)));
    clients.back()->Start(chance.Between(0, has_canaries ? 1500 : 200));
  }
  Sometimes(world, 3, [&router] { router.Crash(); });
  Sometimes(world, 4, [&agents] { agents.CrashOne(); });
  Sometimes(world, 4, [&network] { network.CutOne(); });
  Sometimes(world, 2, [&disk] { disk.Stall(); });
  if (chance.OneIn(2)) Sometimes(world, 3, [&world] { world.SetClock(); });
  if (!world.clock.Run(kMaxActions)) world.Violation("the world does not come to rest");
  CheckAtRest(world, agents, calls);
  CheckWorld(world, disk, router, graphs, clients);
  return std::move(world.outcome);
}

}  // namespace troupe::sim
