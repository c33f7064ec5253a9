#include "router/graph/resolve.h"

#include "runtime/base/check.h"

namespace troupe::graph {

std::vector<AgentSpec> Resolve(const Graph& graph, Pins pins) {
  std::vector<AgentSpec> specs;
  for (const auto& [name, agent] : graph.agents) {
    CHECK(agent.kind != nullptr);
    AgentSpec spec;
    spec.agent = name;
    spec.graph = graph.name;
    spec.kind = agent.kind->name;
    spec.config = agent.config;
    if (auto model = graph.models.find(agent.model); model != graph.models.end()) {
      spec.model_path = model->second.path;
      spec.model_sha256 = model->second.sha256;
    }
    spec.pins = pins;
    spec.memory = agent.memory;
    spec.slots = agent.slots;
    spec.queue_limit = agent.queue_limit;
    spec.base_path = graph.base_path;
    spec.max_tokens = agent.max_tokens;
    spec.min_replicas = agent.min_replicas;
    spec.max_replicas = agent.max_replicas;
    const auto gpus_of = [&graph](const std::string& name) {
      const auto pool = graph.pools.find(name);
      return pool == graph.pools.end() ? std::vector<std::string>() : pool->second.gpus;
    };
    spec.pool = agent.pool;
    spec.gpus = gpus_of(agent.pool);
    specs.push_back(spec);
    for (const Spill& spill : agent.spill_to) {
      spec.pool = spill.pool;
      ++spec.spill;
      spec.gpus = gpus_of(spill.pool);
      spec.min_replicas = spec.max_replicas = 1;
      specs.push_back(spec);
    }
  }
  return specs;
}

}  // namespace troupe::graph
