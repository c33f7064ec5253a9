// What `up` is going to start: the router and one process for each replica of each agent, with their files, sockets and
// cores. PlanUp is pure; WritePlan puts the files down.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "router/cli/cards.h"
#include "router/cli/process.h"
#include "router/graph/resolve.h"

namespace troupe::cli {

// One agent process.
struct PlannedReplica {
  std::string graph;
  std::string agent;
  std::string kind;
  // The model file's or folder's name; empty for none.
  std::string model;
  // "writer-0"; "writer.big-0" in a pool that takes what spills.
  std::string replica;
  std::string address;
  // Where in its agent's spillTo its pool stands, from 1; 0 for the agent's own pool.
  int spill = 0;
  // Which of UpInputs::cards it stands on and what it is granted there, and both in words: "NVIDIA-L4 number 1, 40%";
  // empty for no card.
  CardNumber card = kNoCard;
  MemoryShare card_memory;
  std::string card_text;
  std::string spec_path;
  ProcessSpec process;
};

// A replica that somebody else starts; the router is only told of it.
struct OtherReplica {
  std::string graph;
  std::string agent;
  std::string replica;
  std::string address;
};

struct UpPlan {
  std::filesystem::path folder;
  // The router's socket, which every other command finds by itself.
  std::string address;
  // Where it listens besides; empty for nowhere, port 0 for a free one.
  std::string listen;
  ProcessSpec router;
  std::vector<PlannedReplica> replicas;
  std::vector<OtherReplica> others;
  std::vector<graph::AgentSpec> specs;
  std::string replica_list_path;
  // Who shares which card, a line each, and who was left out for want of one.
  std::vector<std::string> card_lines;
};

struct UpInputs {
  // Graph files as the router reads them, absolute.
  std::vector<std::string> graph_paths;
  std::vector<graph::AgentSpec> specs;
  std::vector<OtherReplica> others;
  std::filesystem::path run_folder;
  std::filesystem::path data_folder;
  // Where the router listens besides its socket; empty for nowhere.
  std::string listen;
  // Flags that go to the router as they are.
  std::vector<std::string> router_flags;
  std::vector<int> cores;
  // Of this machine, by number.
  std::vector<Card> cards;
  // Where troupe-router and troupe-agent are.
  std::filesystem::path binaries;
};

// Errors: INVALID_ARGUMENT where two graphs have the same name or a socket's path is too long; FAILED_PRECONDITION
// where an agent's card is not here, or what agents are granted of cards does not fit on them.
Result<UpPlan> PlanUp(const UpInputs& inputs);

// Replicas of agents that come later, beside those of the plan: their share of the cores is what it would be if all
// were shared out anew. Errors: FAILED_PRECONDITION for one that wants a card, since those are shared out at the start;
// those of PlanUp.
Result<std::vector<PlannedReplica>> PlanMore(const UpInputs& inputs, const UpPlan& plan,
                                             const std::vector<graph::AgentSpec>& specs);

// The spec files and the list of replicas, readable by the user alone. Errors: FAILED_PRECONDITION.
Status WritePlan(const UpPlan& plan);

// FAILED_PRECONDITION naming agent, pin and what is here, where an agent is pinned to a GPU that is none of `cards` and
// its pin is not relaxed.
Status CheckPins(const std::vector<graph::AgentSpec>& specs, const std::vector<Card>& cards);

// Takes out what would take spilled work on GPUs that are not here: nothing depends on it. Gives a line about each.
std::vector<std::string> LeaveOutSpills(std::vector<graph::AgentSpec>& specs, const std::vector<Card>& cards);

// The GPUs of this machine that agents started from here see, by the numbers that they know them by. The driver is not
// asked where none of the agents wants one. Errors: UNAVAILABLE for a driver that does not answer.
Result<std::vector<Card>> LocalCards(const std::vector<graph::AgentSpec>& specs);

// Writes a file whole or not at all, mode 0600.
Status WriteFileWhole(const std::filesystem::path& path, const std::string& text);

}  // namespace troupe::cli
