// Which agent may ask which: read with the agents, checked once all of them are known.
#include <algorithm>
#include <functional>
#include <set>

#include "router/graph/context.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

constexpr int kMaxAsks = 100;

class Checker {
 public:
  explicit Checker(ParseContext& context) : context_(context) {}

  void CheckPeers() {
    std::vector<std::string> names;
    for (const auto& [name, agent] : context_.graph.agents) names.push_back(name);
    for (const AskRead& ask : context_.asks) {
      if (!context_.graph.agents.contains(ask.peer)) {
        context_.Error(ask.position, "there is no agent '" + ask.peer + "'" + kind::Suggest(ask.peer, names));
      }
    }
  }

  // A question that comes back to whoever asks would never be answered.
  void CheckCircles() {
    for (const auto& [name, agent] : context_.graph.agents) Visit(name);
  }

  // What a kind asks by itself must be allowed.
  void CheckKinds() {
    for (const auto& [name, agent] : context_.graph.agents) {
      if (agent.kind == nullptr) continue;
      for (const auto& config : agent.kind->config) {
        const auto value = agent.config.find(config.field.name);
        if (!config.is_peer || value == agent.config.end() || !value->is_string()) continue;
        const std::string& peer = value->get_ref<const std::string&>();
        if (agent.asks.contains(peer)) continue;
        context_.Error(agent.position, "agent '" + name + "' asks '" + peer + "' by its '" + config.field.name +
                                           "', but may not; add asks: {" + peer + ": {max: 1}} to it");
      }
    }
  }

 private:
  void Visit(const std::string& name) {
    const auto open = std::find(open_.begin(), open_.end(), name);
    if (open != open_.end()) return Report({open, open_.end()});
    const auto agent = context_.graph.agents.find(name);
    if (agent == context_.graph.agents.end() || !done_.insert(name).second) return;
    open_.push_back(name);
    for (const auto& [peer, max] : agent->second.asks) Visit(peer);
    open_.pop_back();
  }

  void Report(std::vector<std::string> circle) {
    std::string text;
    for (const std::string& name : circle) text += "'" + name + "' asks ";
    const auto asks_last = [&](const AskRead& ask) { return ask.agent == circle.back() && ask.peer == circle.front(); };
    const auto last = std::find_if(context_.asks.begin(), context_.asks.end(), asks_last);
    context_.Error(last->position, "asks go round in a circle: " + text + "'" + circle.front() +
                                       "'; none of them would get an answer, take one out");
  }

  ParseContext& context_;
  std::vector<std::string> open_;
  // Visited, or being visited.
  std::set<std::string> done_;
};

}  // namespace

void ReadAsks(ParseContext& context, YamlMap& map, Agent& agent) {
  const YamlNode* node = map.Get("asks");
  if (node == nullptr) return;
  YamlMap peers(*node, "'asks' of " + map.what(), context.file(), context.findings);
  if (agent.kind != nullptr && !agent.kind->asks) {
    context.Error(*node, "kind " + agent.kind->name + " never asks anybody; remove 'asks'");
  }
  for (const auto& entry : node->entries) {
    const std::string& peer = entry.key.text;
    context.asks.push_back({agent.name, peer, context.At(entry.key)});
    context.used_agents.insert(peer);
    YamlMap keys(entry.value, "'" + peer + "' in 'asks'", context.file(), context.findings);
    keys.Require("max", "say how often in one step, for example {max: 1}");
    agent.asks[peer] = static_cast<int>(keys.Integer("max", 1, kMaxAsks).value_or(1));
    keys.Finish();
  }
}

void CheckAsks(ParseContext& context) {
  Checker checker(context);
  checker.CheckPeers();
  checker.CheckCircles();
  checker.CheckKinds();
}

}  // namespace troupe::graph
