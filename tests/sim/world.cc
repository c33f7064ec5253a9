#include "tests/sim/world.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "tests/sim/agents.h"
#include "tests/sim/checks.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/graph_maker.h"
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
          .timeout_ms = chance.Percent(15) ? chance.Between(1, 2000) : 0,
          .limits = {.tokens = chance.Percent(40) ? chance.Between(4, 60) : 0,
                     .device_us = chance.Percent(5) ? chance.Between(200, 4000) * 1000 : 0,
                     .money = chance.Percent(20) ? chance.Between(12, 200) : 0}};
}

}  // namespace

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
  Agents agents(world, AgentNames());
  Router router(world, disk, agents, graphs);
  std::vector<std::unique_ptr<Client>> clients;
  for (int64_t i = chance.Between(1, 5); i > 0; --i) {
    clients.push_back(std::make_unique<Client>(world, router, MakeSubmission(world, graphs, i)));
    clients.back()->Start(chance.Between(0, 200));
  }
  for (int64_t i = chance.Between(0, 3); i > 0; --i) {
    world.clock.After(chance.Between(0, 1500), [&router] { router.Crash(); });
  }
  for (int64_t i = chance.Between(0, 4); i > 0; --i) {
    world.clock.After(chance.Between(0, 1500), [&agents] { agents.CrashOne(); });
  }
  if (!world.clock.Run(kMaxActions)) world.Violation("the world does not come to rest");
  CheckWorld(world, disk, router, graphs, clients);
  return std::move(world.outcome);
}

}  // namespace troupe::sim
