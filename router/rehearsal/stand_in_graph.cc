#include "router/rehearsal/stand_in_graph.h"

#include <algorithm>
#include <utility>

namespace troupe::rehearsal {
namespace {

using kind::YamlNode;
// JSON is YAML, and this keeps the order of steps.
using Json = nlohmann::ordered_json;

constexpr int64_t kMaxTokens = 1'000'000;

Json ToJson(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kList) {
    Json list = Json::array();
    for (const YamlNode& item : node.items) list.push_back(ToJson(item));
    return list;
  }
  if (node.kind == YamlNode::Kind::kMap) {
    Json object = Json::object();
    for (const kind::YamlEntry& entry : node.entries) object[entry.key.text] = ToJson(entry.value);
    return object;
  }
  return Json::parse(Dump(ToValue(node)));
}

Json Scripted(const Json& agent, const graph::Agent& original) {
  Json out = {{"kind", "scripted"}};
  for (const auto& [key, value] : agent.items()) {
    // a stand-in asks nobody
    const bool of_its_kind =
        key == "kind" || key == "model" || key == "asks" || original.kind->FindConfig(key) != nullptr;
    if (!of_its_kind) out[key] = value;
  }
  if (original.max_tokens > 0) out["maxTokens"] = std::min(original.max_tokens, kMaxTokens);
  return out;
}

// A step that takes a text apart becomes one that asks its agent for the parts.
void AskForParts(Json& steps, const std::set<std::string>& stood_in) {
  if (!steps.is_object()) return;
  for (auto& [name, step] : steps.items()) {
    if (!step.is_object()) continue;
    if (step.contains("steps")) AskForParts(step["steps"], stood_in);
    if (!step.contains("decompose")) continue;
    const Json decompose = step["decompose"];
    if (!decompose.contains("agent") || !stood_in.contains(decompose["agent"].get<std::string>())) continue;
    step.erase("decompose");
    step["agent"] = decompose["agent"];
    step["input"] = {{"text", decompose.value("text", Json())}};
  }
}

// Models that nobody uses any more need not be there.
void DropUnusedModels(Json& spec) {
  if (!spec.contains("models")) return;
  std::set<std::string> used;
  for (const auto& [name, agent] : spec["agents"].items()) {
    if (agent.contains("model") && agent["model"].is_string()) used.insert(agent["model"].get<std::string>());
  }
  Json kept = Json::object();
  for (const auto& [name, model] : spec["models"].items()) {
    if (used.contains(name)) kept[name] = model;
  }
  spec["models"] = std::move(kept);
}

}  // namespace

Result<StandInGraph> MakeStandInGraph(const graph::GraphSource& source, const graph::Graph& graph,
                                      const std::set<std::string>& stood_in, const std::string& name) {
  kind::Findings findings;
  const YamlNode root = kind::ParseYaml(source.yaml, source.file_name, findings, {.max_bytes = graph::kMaxGraphBytes});
  if (findings.HasErrors()) return Internal("the graph cannot be read again: " + source.file_name);
  Json copy = ToJson(root);
  copy["metadata"] = {{"name", name}};
  for (auto& [agent, config] : copy["spec"]["agents"].items()) {
    if (stood_in.contains(agent)) config = Scripted(config, graph.agents.at(agent));
  }
  AskForParts(copy["spec"]["steps"], stood_in);
  DropUnusedModels(copy["spec"]);
  StandInGraph made;
  made.source = source;
  made.source.yaml = copy.dump();
  graph::Parsed parsed = graph::ParseGraph(made.source, {});
  if (!parsed.graph) {
    return Internal("the graph with stand-ins in it does not parse, please report it: " +
                    graph::ToString(parsed.findings));
  }
  made.source = std::move(parsed.source);
  made.graph = std::move(parsed.graph);
  return made;
}

}  // namespace troupe::rehearsal
