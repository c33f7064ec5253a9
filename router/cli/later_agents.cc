#include "router/cli/later_agents.h"

#include <algorithm>

namespace troupe::cli {

LaterAgents::LaterAgents(const std::vector<graph::AgentSpec>& at_start) {
  for (const graph::AgentSpec& spec : at_start) {
    at_start_.insert({spec.graph, spec.agent});
    graphs_.insert(spec.graph);
  }
}

std::set<std::string> LaterAgents::ForNewTasks(const v1::GraphSummary& graph) {
  std::set<std::string> versions{graph.version(), graph.canary().version()};
  versions.erase("");
  return versions;
}

std::set<std::string> LaterAgents::ThatMatter(const v1::GraphSummary& graph) {
  std::set<std::string> versions = ForNewTasks(graph);
  versions.insert(graph.previous_version());
  return versions;
}

std::vector<LaterAgents::Version> LaterAgents::Unknown(const v1::ListGraphsResponse& graphs) const {
  std::vector<Version> unknown;
  for (const v1::GraphSummary& graph : graphs.graphs()) {
    if (!graphs_.contains(graph.name())) continue;
    for (const std::string& version : ForNewTasks(graph)) {
      if (Version one{graph.name(), version}; !known_.contains(one)) unknown.push_back(std::move(one));
    }
  }
  return unknown;
}

std::vector<LaterAgents::Version> LaterAgents::UnknownWithTasks(const std::string& graph,
                                                                const std::vector<v1::GraphVersion>& versions) const {
  std::vector<Version> unknown;
  if (!graphs_.contains(graph)) return unknown;
  for (const v1::GraphVersion& version : versions) {
    Version one{graph, version.version()};
    if (version.running() > 0 && !known_.contains(one)) unknown.push_back(std::move(one));
  }
  return unknown;
}

std::vector<graph::AgentSpec> LaterAgents::Know(const Version& version, const std::vector<graph::AgentSpec>& specs) {
  std::vector<graph::AgentSpec> to_start;
  std::set<Agent>& agents = known_[version];
  for (const graph::AgentSpec& spec : specs) {
    const Agent agent{spec.graph, spec.agent};
    agents.insert(agent);
    if (!at_start_.contains(agent) && !started_.contains(agent)) to_start.push_back(spec);
  }
  for (const graph::AgentSpec& spec : to_start) started_.insert({spec.graph, spec.agent});
  return to_start;
}

std::set<LaterAgents::Agent> LaterAgents::NeededBy(const std::string& graph,
                                                   const std::set<std::string>& versions) const {
  std::set<Agent> needed;
  for (const std::string& version : versions) {
    if (const auto known = known_.find({graph, version}); known != known_.end()) {
      needed.insert(known->second.begin(), known->second.end());
    }
  }
  return needed;
}

bool LaterAgents::MayBeUnneeded(const v1::GraphSummary& graph) const {
  const std::set<Agent> needed = NeededBy(graph.name(), ThatMatter(graph));
  return std::any_of(started_.begin(), started_.end(),
                     [&](const Agent& agent) { return agent.first == graph.name() && !needed.contains(agent); });
}

std::vector<LaterAgents::Agent> LaterAgents::Unneeded(const v1::GraphSummary& graph,
                                                      const std::vector<v1::GraphVersion>& versions) {
  std::set<std::string> matter = ThatMatter(graph);
  for (const v1::GraphVersion& version : versions) {
    if (version.running() > 0) matter.insert(version.version());
  }
  const std::set<Agent> needed = NeededBy(graph.name(), matter);
  std::vector<Agent> unneeded;
  for (const Agent& agent : started_) {
    if (agent.first == graph.name() && !needed.contains(agent)) unneeded.push_back(agent);
  }
  for (const Agent& agent : unneeded) started_.erase(agent);
  // so that they are started again where a version comes back
  std::erase_if(known_, [&](const auto& known) {
    return known.first.graph == graph.name() && !matter.contains(known.first.version);
  });
  return unneeded;
}

}  // namespace troupe::cli
