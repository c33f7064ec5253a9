// Graphs inside of graphs. An inner graph is read and checked by itself, as if it stood alone: it sees nothing of the
// graph around it but its input. Then its steps become the body of the step that names it, and what it has of agents,
// models and pools goes among the outer graph's own:
//
// - shared where the outer graph has one of the same name that is the same in all it says: one replica serves both;
// - otherwise under the inner graph's name, "triage-writer", which must then be free or be the same.
//
// Paths in an inner file start from that file's folder. The digest that is a graph's version covers every file.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "router/graph/context.h"

namespace troupe::graph {
namespace {

using kind::YamlNode;

std::string Chain(const std::vector<std::string>& files, const std::string& last) {
  std::string text;
  for (const auto& file : files) text += file + " -> ";
  return text + last;
}

// New names by old ones.
using Names = std::map<std::string, std::string>;

bool Same(const Model& a, const Model& b) { return a.path == b.path && a.sha256 == b.sha256; }
bool Same(const Pool& a, const Pool& b) { return a.gpus == b.gpus && a.price == b.price; }
// Their models and pools have been taken in before and are named alike where they are the same.
bool Same(const Agent& a, const Agent& b) {
  return a.kind == b.kind && a.pool == b.pool && a.model == b.model && a.config == b.config &&
         a.min_replicas == b.min_replicas && a.max_replicas == b.max_replicas && a.max_tokens == b.max_tokens &&
         a.memory == b.memory && a.slots == b.slots && a.queue_limit == b.queue_limit && a.asks == b.asks &&
         a.price == b.price && a.spill_to == b.spill_to;
}

class Taker {
 public:
  Taker(ParseContext& context, const Graph& inner, const YamlNode& node)
      : context_(context), inner_(inner), node_(node) {}

  // The inner graph's steps with the names that its agents have in the outer one.
  std::shared_ptr<const Scope> Take() {
    Graph& outer = context_.graph;
    models_ = TakeAll(inner_.models, outer.models, context_.used_models, "a model");
    pools_ = TakeAll(inner_.pools, outer.pools, context_.used_pools, "a pool");
    for (const auto& [name, agent] : inner_.agents) TakeAgent(agent);
    outer.asks_people |= inner_.asks_people;
    outer.step_count += inner_.step_count;
    return Renamed(inner_.root);
  }

 private:
  template <typename T>
  Names TakeAll(const std::map<std::string, T>& from, std::map<std::string, T>& to, std::set<std::string>& used,
                const std::string& what) {
    Names names;
    for (const auto& [name, thing] : from) names.emplace(name, TakeOne(thing, to, used, what));
    return names;
  }

  // Its peers first, whose names it holds; asks go in no circle.
  const std::string& TakeAgent(const Agent& agent) {
    if (const auto known = agents_.find(agent.name); known != agents_.end()) return known->second;
    Agent taken = agent;
    if (!taken.model.empty()) taken.model = models_.at(taken.model);
    if (!taken.pool.empty()) taken.pool = pools_.at(taken.pool);
    for (Spill& spill : taken.spill_to) spill.pool = pools_.at(spill.pool);
    taken.asks.clear();
    for (const auto& [peer, max] : agent.asks) taken.asks.emplace(TakeAgent(inner_.agents.at(peer)), max);
    for (const kind::ConfigField& field : agent.kind->config) {
      if (!field.is_peer || !taken.config.contains(field.field.name)) continue;
      Value& peer = taken.config[field.field.name];
      const auto known = peer.is_string() ? agents_.find(peer.get<std::string>()) : agents_.end();
      if (known != agents_.end()) peer = known->second;
    }
    const std::string name = TakeOne(taken, context_.graph.agents, context_.used_agents, "an agent");
    return agents_.emplace(agent.name, name).first->second;
  }

  // What it is called in the outer graph.
  template <typename T>
  std::string TakeOne(T taken, std::map<std::string, T>& to, std::set<std::string>& used, const std::string& what) {
    const std::string name = taken.name;
    std::string chosen = name;
    const auto shared = to.find(name);
    if (shared == to.end() || !Same(shared->second, taken)) chosen = inner_.name + "-" + name;
    const auto there = to.find(chosen);
    if (there != to.end() && !Same(there->second, taken)) {
      context_.Error(node_, "graph '" + inner_.name + "' brings " + what + " '" + name + "', which would be called '" +
                                chosen + "' here, but there is another one of that name; rename one of them");
    } else if (there == to.end() && !kind::IsDnsLabel(chosen)) {
      context_.Error(node_, "graph '" + inner_.name + "' brings " + what + " '" + name + "', and '" + chosen +
                                "' is too long for a name; shorten one of them");
    }
    taken.name = chosen;
    used.insert(chosen);
    to.emplace(chosen, std::move(taken));
    return chosen;
  }

  std::shared_ptr<const Scope> Renamed(const Scope& scope) const {
    Scope copy = scope;
    for (Step& step : copy.steps) {
      if (step.agent) Rename(step.agent->agent);
      if (step.agent) Rename(step.agent->fallback);
      if (step.agent && step.agent->cache && step.agent->cache->semantic) Rename(step.agent->cache->semantic->agent);
      if (step.agent && step.agent->teach) Rename(step.agent->teach->agent);
      if (step.decompose) Rename(step.decompose->agent);
      if (step.each) step.each->body = Renamed(*step.each->body);
      if (step.repeat) step.repeat->body = Renamed(*step.repeat->body);
      if (step.graph) step.graph->body = Renamed(*step.graph->body);
    }
    return std::make_shared<const Scope>(std::move(copy));
  }

  void Rename(std::string& agent) const {
    if (!agent.empty()) agent = agents_.at(agent);
  }

  ParseContext& context_;
  const Graph& inner_;
  const YamlNode& node_;
  Names models_;
  Names pools_;
  Names agents_;
};

// Reads the file by itself; what is wrong with it goes among the findings under its own name.
std::shared_ptr<const Graph> Read(ParseContext& context, const std::string& file, const std::string& text) {
  ParseContext inner{.yaml = text, .file_name = file, .files = context.files, .options = context.options};
  inner.folder = std::filesystem::path(file).parent_path().string();
  inner.chain = context.chain;
  inner.chain.push_back(file);
  YamlNode root;
  const bool is_good = ReadGraph(inner, root);
  for (const Finding& finding : inner.findings.Take(file)) {
    if (finding.severity == Severity::kError) {
      context.findings.Error(finding.file, finding.line, finding.column, finding.message);
    } else {
      context.findings.Warn(finding.file, finding.line, finding.column, finding.message);
    }
  }
  return is_good ? std::make_shared<const Graph>(std::move(inner.graph)) : nullptr;
}

}  // namespace

std::optional<GraphStep> ReadSubgraph(ParseContext& context, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || node.text.empty()) {
    context.Error(node, "'graph' must be the path of a graph file, got " + Describe(node));
    return std::nullopt;
  }
  const std::string file = std::filesystem::path(FileKey(context, node.text)).lexically_normal().string();
  if (std::find(context.chain.begin(), context.chain.end(), file) != context.chain.end()) {
    context.Error(node, "a cycle of graph files: " + Chain(context.chain, file) + "; take one of them out");
    return std::nullopt;
  }
  if (context.chain.size() >= kMaxGraphDepth) {
    context.Error(node, "graph files are nested too deep: at most " + std::to_string(kMaxGraphDepth) +
                            ", but there are " + Chain(context.chain, file) + "; flatten them");
    return std::nullopt;
  }
  const std::string* text = UseFile(context, node);
  if (text == nullptr) return std::nullopt;
  auto known = context.files.graphs.find(file);
  if (known == context.files.graphs.end()) known = context.files.graphs.emplace(file, Read(context, file, *text)).first;
  const std::shared_ptr<const Graph> inner = known->second;
  if (inner == nullptr) return std::nullopt;
  if (context.graph.step_count + inner->step_count > kMaxSteps) {
    context.Error(node, "with the " + std::to_string(inner->step_count) + " steps of " + Chain(context.chain, file) +
                            " there are more than " + std::to_string(kMaxSteps) + " in all; leave some out");
    return std::nullopt;
  }
  return GraphStep{.file = file,
                   .name = inner->name,
                   .input_type = inner->input,
                   .output_type = inner->output,
                   .body = Taker(context, *inner, node).Take()};
}

}  // namespace troupe::graph
