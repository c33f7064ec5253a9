#include "tests/bench/company.h"

#include "tests/bench/common.h"

namespace troupe::bench {

std::vector<BenchAgent> EchoAgents() {
  std::vector<BenchAgent> agents;
  for (const char* name : {"one", "two", "three"}) {
    agents.push_back({name, {{"kind", "scripted"}, {"config", {{"echo", true}}}, {"queueLimit", 1024}}});
  }
  return agents;
}

Result<std::vector<std::unique_ptr<Process>>> StartAgents(const std::string& programs,
                                                          const std::filesystem::path& folder, const std::string& graph,
                                                          const std::vector<BenchAgent>& agents) {
  std::vector<std::unique_ptr<Process>> processes;
  Value replicas = Value::array();
  for (const BenchAgent& agent : agents) {
    const std::filesystem::path file = folder / (agent.name + ".json");
    Value spec = agent.spec;
    spec["agent"] = agent.name;
    spec["graph"] = graph;
    TRY(WriteFile(file, spec.dump()));
    const std::string replica = agent.name + "-0";
    TRY_ASSIGN(auto process,
               Process::Start({programs + "/troupe-agent", "serve", "--spec", file, "--listen", "127.0.0.1:0",
                               "--replica", replica, "--threads", std::to_string(agent.threads)},
                              "listening on "));
    replicas.push_back(
        {{"graph", graph}, {"agent", agent.name}, {"replica", replica}, {"address", process->ready_text()}});
    processes.push_back(std::move(process));
  }
  TRY(WriteFile(folder / "agents.json", replicas.dump()));
  return processes;
}

Result<std::unique_ptr<Process>> StartRouter(const std::string& programs, const std::filesystem::path& folder,
                                             const std::filesystem::path& graph_file,
                                             const std::vector<std::string>& more_flags) {
  std::vector<std::string> command = {
      programs + "/troupe-router", "--listen", "127.0.0.1:0", "--data", folder / "journal", "--agents",
      folder / "agents.json",      "--graph",  graph_file};
  command.insert(command.end(), more_flags.begin(), more_flags.end());
  return Process::Start(command, "listening on ");
}

}  // namespace troupe::bench
