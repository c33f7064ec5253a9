// Which agents a router's versions need beyond those that `up` was started with. A graph that is applied later may name
// others: a student that has learnt comes as an agent of another name. `up` starts those of the versions that tasks
// run on, keeps those that going back would need, and stops the others once no task runs on their versions.
//
// Pure: what the router says goes in, names come out. Owner: UpSession.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "router/graph/resolve.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::cli {

class LaterAgents {
 public:
  // Agents that are looked after anyway, and the graphs whose versions are followed: those they are of.
  explicit LaterAgents(const std::vector<graph::AgentSpec>& at_start);

  struct Version {
    std::string graph;
    std::string version;
    auto operator<=>(const Version&) const = default;
  };
  // Versions that new tasks run on and of which Know was not told yet.
  std::vector<Version> Unknown(const v1::ListGraphsResponse& graphs) const;
  // The same of versions that tasks run on, as they may be from before a restart.
  std::vector<Version> UnknownWithTasks(const std::string& graph, const std::vector<v1::GraphVersion>& versions) const;
  // What that version's agents are. Gives those to be started: whose names were none of the graph's so far.
  std::vector<graph::AgentSpec> Know(const Version& version, const std::vector<graph::AgentSpec>& specs);

  using Agent = std::pair<std::string, std::string>;  // graph and name
  // Whether it was among those to be started and is needed still.
  bool IsLater(const Agent& agent) const { return started_.contains(agent); }
  // Later agents that no version of that graph needs which matters or still has tasks. They are forgotten.
  std::vector<Agent> Unneeded(const v1::GraphSummary& graph, const std::vector<v1::GraphVersion>& versions);
  // Whether some might be: only then the versions need be asked for.
  bool MayBeUnneeded(const v1::GraphSummary& graph) const;

 private:
  // The versions that new tasks run on, and with them the one that going back leads to: its agents are kept where they
  // run, and started only when it comes to that.
  static std::set<std::string> ForNewTasks(const v1::GraphSummary& graph);
  static std::set<std::string> ThatMatter(const v1::GraphSummary& graph);
  std::set<Agent> NeededBy(const std::string& graph, const std::set<std::string>& versions) const;

  std::set<Agent> at_start_;
  std::set<std::string> graphs_;
  std::map<Version, std::set<Agent>> known_;
  std::set<Agent> started_;
};

}  // namespace troupe::cli
