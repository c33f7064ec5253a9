// What is raced: chains of three no-op steps, every step a process of its own, TCP on the loopback interface.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/chain/load.h"
#include "tests/bench/process.h"

namespace troupe::bench {

// Processes and the load on them.
struct Target {
  std::string name;
  // Those called first are last, so that routers stop before what they call.
  std::vector<std::unique_ptr<Process>> processes;
  std::unique_ptr<Load> load;

  ~Target() {
    load.reset();
    while (!processes.empty()) processes.pop_back();
  }
  Target() = default;
  Target(Target&&) = default;

  int64_t CpuUs() const;
  int64_t RssBytes() const;
};

// The bare router and its leaves.
Result<Target> StartFloor(const std::string& programs, const std::string& text);

// The same written by somebody else: `server` is the peers' grpc_cpp/server.
Result<Target> StartPeer(const std::string& server, const std::string& text);

// troupe-router with its journal in `data` and three scripted agents; `graph` is the chain's graph file.
Result<Target> StartTroupe(const std::string& programs, const std::filesystem::path& graph,
                           const std::filesystem::path& data, const std::string& text);

}  // namespace troupe::bench
