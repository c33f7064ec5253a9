// A router and its agents, each a process of its own, TCP on the loopback interface: what the benchmarks put load on.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/value.h"
#include "tests/bench/process.h"

namespace troupe::bench {

// One agent with one replica.
struct BenchAgent {
  std::string name;
  // As AgentSpec: kind, config, slots, queueLimit, ...
  Value spec;
  // Cores its model may use.
  int threads = 1;
};

// Three scripted agents "one", "two", "three" that answer with their input: the chain's.
std::vector<BenchAgent> EchoAgents();

// Agents are started in order; the list of replicas is written into `folder`/agents.json. `graph` is the graph's name.
Result<std::vector<std::unique_ptr<Process>>> StartAgents(const std::string& programs,
                                                          const std::filesystem::path& folder, const std::string& graph,
                                                          const std::vector<BenchAgent>& agents);

// Its journal is in `folder`/journal, its list of replicas `folder`/agents.json. ready_text() is its address.
Result<std::unique_ptr<Process>> StartRouter(const std::string& programs, const std::filesystem::path& folder,
                                             const std::filesystem::path& graph_file,
                                             const std::vector<std::string>& more_flags = {});

}  // namespace troupe::bench
