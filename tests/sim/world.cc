#include "tests/sim/world.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
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

Submission MakeSubmission(World& world, const std::map<std::string, graph::Graph>& graphs, int64_t number) {
  Chance& chance = world.chance;
  const auto graph = std::next(graphs.begin(), chance.Between(0, static_cast<int64_t>(graphs.size()) - 1));
  return {.graph = &graph->second,
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
  std::map<std::string, graph::Graph> graphs;
  for (int64_t i = chance.Between(1, 2); i > 0; --i) {
    const std::string name = std::string("graph") + std::to_string(i);
    graphs.emplace(name, MakeRandomGraph(chance, name));
  }
  Disk disk(world);
  Network network(world);
  Agents agents(world, AgentNames());
  Calls calls(world, network, agents);
  Router router(world, disk, calls, graphs);
  std::vector<std::unique_ptr<Client>> clients;
  for (int64_t i = chance.Between(1, 5); i > 0; --i) {
    clients.push_back(std::make_unique<Client>(world, network, router, MakeSubmission(world, graphs, i)));
    clients.back()->Start(chance.Between(0, 200));
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
