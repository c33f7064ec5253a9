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
#include "runtime/base/names.h"
#include "runtime/device/nvml.h"

namespace troupe::cli {
namespace {

// The agent in that pool. No agent has a dot in its name.
std::string NameIn(const graph::AgentSpec& spec) { return spec.spill == 0 ? spec.agent : spec.agent + "." + spec.pool; }

std::filesystem::path SpecPath(const std::filesystem::path& folder, const graph::AgentSpec& spec) {
  return folder / (spec.graph + "." + NameIn(spec) + ".json");
}

bool IsHere(const graph::AgentSpec& spec, const std::vector<Card>& cards) {
  if (spec.gpus.empty() || spec.pins == graph::Pins::kRelaxed) return true;
  return std::any_of(spec.gpus.begin(), spec.gpus.end(), [&](const std::string& wanted) {
    return std::any_of(cards.begin(), cards.end(), [&](const Card& card) { return card.product == wanted; });
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

// A line for each card that somebody stands on: "NVIDIA-L4 number 0 (24.0 GiB): shop.writer-0 60%, shop.clerk-0 40%".
std::vector<std::string> CardLines(const std::vector<PlannedReplica>& replicas, const std::vector<Card>& cards) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < cards.size(); ++i) {
    std::vector<std::string> users;
    for (const PlannedReplica& replica : replicas) {
      if (replica.card != static_cast<CardNumber>(i)) continue;
      const std::string share = ToString(replica.card_memory);
      users.push_back(replica.process.name + (share.empty() ? "" : " " + share));
    }
    if (users.empty()) continue;
    lines.push_back(cards[i].product + " number " + std::to_string(i) + " (" + MemoryText(cards[i].memory_bytes) +
                    "): " + Joined(users, ", "));
  }
  return lines;
}

void PutOn(PlannedReplica& replica, CardNumber number, const Card& card, const MemoryShare& memory) {
  replica.card = number;
  replica.card_memory = memory;
  replica.card_text = card.product + " number " + std::to_string(number);
  auto& arguments = replica.process.arguments;
  arguments.insert(arguments.end(), {"--gpu", std::to_string(number)});
  if (!memory.stated()) return;
  replica.card_text += ", " + ToString(memory);
  arguments.insert(arguments.end(), {"--memory", ToString(memory)});
}

// Each replica onto its card; `users` are the replicas in order. Leaves out those that nothing depends on and no card
// has room for.
Status ShareCards(UpPlan& plan, const std::vector<CardUser>& users, const std::vector<Card>& cards) {
  const auto found = PlaceOnCards(users, cards);
  // not RESOURCE_EXHAUSTED: to try again later would help nobody
  if (!found) return FailedPrecondition(found.error().message);
  const std::vector<CardNumber>& placed = *found;
  std::vector<PlannedReplica> replicas;
  std::vector<std::string> left_out;
  for (size_t i = 0; i < placed.size(); ++i) {
    PlannedReplica& replica = plan.replicas[i];
    if (placed[i] == kLeftOut) {
      left_out.push_back(replica.process.name + " is not started: no card has room for what spills");
      continue;
    }
    if (placed[i] != kNoCard) {
      PutOn(replica, placed[i], cards[static_cast<size_t>(placed[i])], users[i].memory);
    } else if (!users[i].gpus.empty() && !cards.empty()) {
      // by itself it would take a card that is others'
      replica.process.arguments.insert(replica.process.arguments.end(), {"--gpu", "none"});
    }
    replicas.push_back(std::move(replica));
  }
  plan.replicas = std::move(replicas);
  plan.card_lines = CardLines(plan.replicas, cards);
  plan.card_lines.insert(plan.card_lines.end(), left_out.begin(), left_out.end());
  return {};
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
  std::vector<CardUser> card_users;
  for (const graph::AgentSpec& spec : inputs.specs) {
    if (!agents.insert({spec.graph, spec.agent, spec.spill}).second) {
      return Invalid("two of the graphs are called " + spec.graph + "; give each its own metadata.name");
    }
    for (int i = 0; i < std::max(spec.min_replicas, 1); ++i) {
      TRY_ASSIGN(PlannedReplica replica, PlanReplica(inputs, spec, i));
      card_users.push_back({.name = replica.process.name,
                            .gpus = spec.gpus,
                            .relaxed = spec.pins == graph::Pins::kRelaxed,
                            .dispensable = spec.spill > 0,
                            .memory = spec.memory});
      plan.replicas.push_back(std::move(replica));
    }
  }
  TRY(ShareCards(plan, card_users, inputs.cards));
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

Result<std::vector<PlannedReplica>> PlanMore(const UpInputs& inputs, const UpPlan& plan,
                                             const std::vector<graph::AgentSpec>& specs) {
  UpPlan all{.replicas = plan.replicas};
  for (const graph::AgentSpec& spec : specs) {
    if (!spec.gpus.empty() && spec.pins == graph::Pins::kStrict) {
      return FailedPrecondition("agent " + spec.agent + " of graph " + spec.graph +
                                " wants a card, and cards are shared out when 'troupe up' starts: start it again with "
                                "a file of this version");
    }
    for (int i = 0; i < std::max(spec.min_replicas, 1); ++i) {
      TRY_ASSIGN(PlannedReplica replica, PlanReplica(inputs, spec, i));
      all.replicas.push_back(std::move(replica));
    }
  }
  ShareOut(all, inputs.cores);
  return std::vector<PlannedReplica>(all.replicas.begin() + static_cast<std::ptrdiff_t>(plan.replicas.size()),
                                     all.replicas.end());
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

Status CheckPins(const std::vector<graph::AgentSpec>& specs, const std::vector<Card>& cards) {
  std::vector<std::string> here;
  for (const Card& card : cards) here.push_back(card.product);
  for (const graph::AgentSpec& spec : specs) {
    if (IsHere(spec, cards)) continue;
    return FailedPrecondition("agent " + spec.agent + " of graph " + spec.graph + " is pinned to " +
                              Joined(spec.gpus, " or ") + ", this machine has " +
                              (here.empty() ? "no NVIDIA GPU" : Joined(here, " and ")) +
                              "; start it on such a machine, or pass --relax-pins to use what is here");
  }
  return {};
}

std::vector<std::string> LeaveOutSpills(std::vector<graph::AgentSpec>& specs, const std::vector<Card>& cards) {
  std::vector<std::string> lines;
  std::erase_if(specs, [&](const graph::AgentSpec& spec) {
    if (spec.spill == 0 || IsHere(spec, cards)) return false;
    lines.push_back("agent " + spec.agent + " of graph " + spec.graph + " will not spill to pool " + spec.pool +
                    ": this machine has no " + Joined(spec.gpus, " or "));
    return true;
  });
  return lines;
}

Result<std::vector<Card>> LocalCards(const std::vector<graph::AgentSpec>& specs) {
  std::vector<Card> cards;
  const auto wants_one = [](const graph::AgentSpec& spec) { return !spec.gpus.empty(); };
  if (std::none_of(specs.begin(), specs.end(), wants_one)) return cards;
  TRY_ASSIGN(const std::vector<device::GpuInfo> gpus, device::GpusFromNvml());
  for (const device::GpuInfo& gpu : gpus) cards.push_back({device::ProductLabel(gpu.name), gpu.memory_total_bytes});
  return cards;
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
