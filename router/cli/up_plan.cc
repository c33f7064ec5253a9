#include "router/cli/up_plan.h"

#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <tuple>

#include "router/cli/cores.h"
#include "router/cli/run_folder.h"
#include "router/dispatch/spec_message.h"

namespace troupe::cli {
namespace {

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " or ") + name;
  return text;
}

// The agent in that pool. No agent has a dot in its name.
std::string NameIn(const graph::AgentSpec& spec) { return spec.spill == 0 ? spec.agent : spec.agent + "." + spec.pool; }

std::filesystem::path SpecPath(const std::filesystem::path& folder, const graph::AgentSpec& spec) {
  return folder / (spec.graph + "." + NameIn(spec) + ".json");
}

bool IsHere(const graph::AgentSpec& spec, const std::vector<std::string>& gpus) {
  if (spec.gpus.empty() || spec.pins == graph::Pins::kRelaxed) return true;
  return std::any_of(spec.gpus.begin(), spec.gpus.end(), [&](const std::string& wanted) {
    return std::find(gpus.begin(), gpus.end(), wanted) != gpus.end();
  });
}

Result<PlannedReplica> PlanReplica(const UpInputs& inputs, const graph::AgentSpec& spec, int index) {
  PlannedReplica replica;
  replica.graph = spec.graph;
  replica.agent = spec.agent;
  replica.kind = spec.kind;
  replica.model = std::filesystem::path(spec.model_path).filename().string();
  replica.replica = NameIn(spec) + "-" + std::to_string(index);
  replica.spill = spec.spill;
  const std::string stem = spec.graph + "." + replica.replica;
  TRY_ASSIGN(replica.address, UnixAddress(inputs.run_folder / (stem + ".sock")));
  replica.spec_path = SpecPath(inputs.run_folder, spec).string();
  replica.process.name = stem;
  replica.process.log_path = (inputs.run_folder / (stem + ".log")).string();
  replica.process.arguments = {(inputs.binaries / "troupe-agent").string(),
                               "serve",
                               "--spec",
                               replica.spec_path,
                               "--listen",
                               replica.address,
                               "--replica",
                               replica.replica,
                               "--die-with-parent"};
  return replica;
}

void ShareOut(UpPlan& plan, const std::vector<int>& cores) {
  std::vector<CoreUser> users;
  for (const PlannedReplica& replica : plan.replicas) users.push_back({replica.process.name, !replica.model.empty()});
  const std::vector<CoreShare> shares = ShareCores(users, cores);
  for (size_t i = 0; i < shares.size(); ++i) {
    ProcessSpec& process = plan.replicas[i].process;
    process.arguments.insert(process.arguments.end(), {"--threads", std::to_string(shares[i].threads)});
    process.cores = shares[i].cores.empty() ? cores : shares[i].cores;
  }
}

}  // namespace

Result<UpPlan> PlanUp(const UpInputs& inputs) {
  UpPlan plan;
  plan.folder = inputs.run_folder;
  plan.specs = inputs.specs;
  plan.others = inputs.others;
  plan.listen = inputs.listen;
  TRY_ASSIGN(plan.address, UnixAddress(inputs.run_folder / "router.sock"));
  plan.replica_list_path = (inputs.run_folder / "replicas.json").string();
  std::set<std::tuple<std::string, std::string, int>> agents;
  for (const graph::AgentSpec& spec : inputs.specs) {
    if (!agents.insert({spec.graph, spec.agent, spec.spill}).second) {
      return Invalid("two of the graphs are called " + spec.graph + "; give each its own metadata.name");
    }
    for (int i = 0; i < std::max(spec.min_replicas, 1); ++i) {
      TRY_ASSIGN(PlannedReplica replica, PlanReplica(inputs, spec, i));
      plan.replicas.push_back(std::move(replica));
    }
  }
  ShareOut(plan, inputs.cores);
  plan.router.name = "router";
  plan.router.log_path = (inputs.run_folder / "router.log").string();
  plan.router.arguments = {(inputs.binaries / "troupe-router").string(),
                           "--listen",
                           plan.address,
                           "--data",
                           inputs.data_folder.string(),
                           "--agents",
                           plan.replica_list_path};
  if (!plan.listen.empty()) plan.router.arguments.insert(plan.router.arguments.end(), {"--listen", plan.listen});
  plan.router.arguments.insert(plan.router.arguments.end(), inputs.router_flags.begin(), inputs.router_flags.end());
  for (const std::string& path : inputs.graph_paths) {
    plan.router.arguments.insert(plan.router.arguments.end(), {"--graph", path});
  }
  return plan;
}

Status WritePlan(const UpPlan& plan) {
  Value list = Value::array();
  for (const PlannedReplica& replica : plan.replicas) {
    Value entry = {
        {"graph", replica.graph}, {"agent", replica.agent}, {"replica", replica.replica}, {"address", replica.address}};
    if (replica.spill > 0) entry["spill"] = replica.spill;
    list.push_back(std::move(entry));
  }
  for (const OtherReplica& other : plan.others) {
    list.push_back(
        {{"graph", other.graph}, {"agent", other.agent}, {"replica", other.replica}, {"address", other.address}});
  }
  TRY(WriteFileWhole(plan.replica_list_path, list.dump(1) + "\n"));
  for (const graph::AgentSpec& spec : plan.specs) {
    std::string json;
    const auto written = google::protobuf::util::MessageToJsonString(dispatch::ToMessage(spec), &json);
    if (!written.ok()) return Internal("cannot write the spec of agent " + spec.agent + " as JSON");
    TRY(WriteFileWhole(SpecPath(plan.folder, spec), json + "\n"));
  }
  return {};
}

Status CheckPins(const std::vector<graph::AgentSpec>& specs, const std::vector<std::string>& gpus) {
  for (const graph::AgentSpec& spec : specs) {
    if (IsHere(spec, gpus)) continue;
    return FailedPrecondition("agent " + spec.agent + " of graph " + spec.graph + " is pinned to " + Joined(spec.gpus) +
                              ", this machine has " + (gpus.empty() ? "no NVIDIA GPU" : Joined(gpus)) +
                              "; start it on such a machine, or pass --relax-pins to use what is here");
  }
  return {};
}

std::vector<std::string> LeaveOutSpills(std::vector<graph::AgentSpec>& specs, const std::vector<std::string>& gpus) {
  std::vector<std::string> lines;
  std::erase_if(specs, [&](const graph::AgentSpec& spec) {
    if (spec.spill == 0 || IsHere(spec, gpus)) return false;
    lines.push_back("agent " + spec.agent + " of graph " + spec.graph + " will not spill to pool " + spec.pool +
                    ": this machine has no " + Joined(spec.gpus));
    return true;
  });
  return lines;
}

std::vector<std::string> LocalGpus(const std::filesystem::path& proc) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc, error)) {
    std::ifstream file(entry.path() / "information");
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("Model:")) continue;
      const size_t begin = line.find_first_not_of(" \t", 6);
      if (begin == std::string::npos) continue;
      std::string name = line.substr(begin);
      std::replace(name.begin(), name.end(), ' ', '-');
      names.push_back(std::move(name));
    }
  }
  return names;
}

Status WriteFileWhole(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  const mode_t before = umask(077);
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  umask(before);
  file << text;
  file.close();
  if (!file || std::rename(part.c_str(), path.c_str()) != 0) {
    return FailedPrecondition("cannot write " + path.string() + ": " + std::strerror(errno));
  }
  return {};
}

}  // namespace troupe::cli
