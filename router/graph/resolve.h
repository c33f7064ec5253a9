// One AgentSpec for each pool that an agent may run in: everything that it needs, nothing of the graph. Plain structs;
// what goes over the wire is made of them elsewhere (proto/troupe/v1/graph.proto, AgentSpec).
#pragma once

#include <string>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::graph {

// Whether an agent may run on another device than its pool says (`troupe up --relax-pins`).
enum class Pins { kStrict, kRelaxed };

struct AgentSpec {
  std::string agent;
  std::string graph;
  std::string kind;
  // Defaults filled in, file contents in place of file names.
  Value config;
  // A folder or a .gguf file, absolute; empty for none.
  std::string model_path;
  // Empty where the graph states none.
  std::string model_sha256;
  // Where it runs; empty for no pool.
  std::string pool;
  // Where in the agent's spillTo that pool stands, from 1; 0 for the agent's own.
  int spill = 0;
  // In order of preference; empty means CPU.
  std::vector<std::string> gpus;
  Pins pins = Pins::kStrict;
  // What each process is granted of its device's memory.
  MemoryShare memory;
  // 0 means its kind's default.
  int slots = 0;
  int queue_limit = 0;
  // The folder that relative paths in `config` start from.
  std::string base_path;
  // Generated tokens one step may cost; 0 where the kind generates none.
  int64_t max_tokens = 0;
  int min_replicas = 1;
  int max_replicas = 1;
};

// In the order of the agents' names, each in its own pool first. Of what takes spilled work one replica is enough to
// begin with.
std::vector<AgentSpec> Resolve(const Graph& graph, Pins pins = Pins::kStrict);

}  // namespace troupe::graph
