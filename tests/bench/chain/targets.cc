#include "tests/bench/chain/targets.h"

#include "tests/bench/company.h"

namespace troupe::bench {
namespace {

constexpr int kSteps = 3;
}  // namespace

int64_t Target::CpuUs() const {
  int64_t sum = 0;
  for (const auto& process : processes) sum += process->CpuUs();
  return sum;
}

int64_t Target::RssBytes() const {
  int64_t sum = 0;
  for (const auto& process : processes) sum += process->RssBytes();
  return sum;
}

Result<Target> StartFloor(const std::string& programs, const std::string& text) {
  Target target;
  target.name = "floor";
  const std::string program = programs + "/bench_floor";
  std::vector<std::string> router = {program, "router"};
  for (int i = 0; i < kSteps; ++i) {
    TRY_ASSIGN(auto leaf, Process::Start({program, "leaf"}, "listening on "));
    router.push_back(leaf->ready_text());
    target.processes.push_back(std::move(leaf));
  }
  TRY_ASSIGN(auto process, Process::Start(router, "listening on "));
  target.load = std::make_unique<Load>(UnaryCalls(process->ready_text(), "/troupe.bench.Echo/Chain", text));
  target.processes.push_back(std::move(process));
  return target;
}

Result<Target> StartPeer(const std::string& server, const std::string& text) {
  Target target;
  target.name = "peer";
  const auto address = [] { return "127.0.0.1:" + std::to_string(FreePort()); };
  std::vector<std::string> router = {server, "router", address()};
  for (int i = 0; i < kSteps; ++i) {
    router.push_back(address());
    TRY_ASSIGN(auto leaf, Process::Start({server, "callback", router.back()}, "ready"));
    target.processes.push_back(std::move(leaf));
  }
  TRY_ASSIGN(auto process, Process::Start(router, "ready"));
  target.load = std::make_unique<Load>(UnaryCalls(router[2], "/peers.Echo/Chain", text));
  target.processes.push_back(std::move(process));
  return target;
}

Result<Target> StartTroupe(const std::string& programs, const std::filesystem::path& graph,
                           const std::filesystem::path& data, const std::string& text) {
  Target target;
  target.name = "troupe";
  TRY_ASSIGN(target.processes, StartAgents(programs, data, "chain", EchoAgents()));
  TRY_ASSIGN(auto router, StartRouter(programs, data, graph));
  target.load = std::make_unique<Load>(TaskCalls(router->ready_text(), text));
  target.processes.push_back(std::move(router));
  return target;
}

}  // namespace troupe::bench
