#include "router/graph/parse.h"

#include <filesystem>
#include <utility>

#include "router/graph/context.h"
#include "runtime/base/read_file.h"
#include "runtime/kind/header.h"
#include "runtime/kind/type_yaml.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

void ReadLimits(ParseContext& context, const YamlNode& node) {
  YamlMap limits(node, "'limits'", context.file(), context.findings);
  context.graph.limits.time_ms = limits.DurationMs("time").value_or(0);
  context.graph.limits.tokens = limits.Integer("tokens", 1, 1'000'000'000).value_or(0);
  context.graph.limits.device_us = ReadMicros(context, limits, "deviceSeconds").value_or(0);
  context.graph.limits.money = ReadMicros(context, limits, "money").value_or(0);
  context.graph.limits.priority =
      static_cast<int>(limits.Integer("priority", 0, kMaxPriority).value_or(kDefaultPriority));
  limits.Finish();
}

void WarnUnused(ParseContext& context) {
  for (const auto& [name, agent] : context.graph.agents) {
    if (!context.used_agents.contains(name)) {
      context.Warn(agent.position, "no step uses agent '" + name + "'; it would be started for nothing");
    }
  }
  for (const auto& [name, model] : context.graph.models) {
    if (!context.used_models.contains(name)) context.Warn(model.position, "no agent uses model '" + name + "'");
  }
  for (const auto& [name, pool] : context.graph.pools) {
    if (!context.used_pools.contains(name)) context.Warn(pool.position, "no agent works in pool '" + name + "'");
  }
}

void ReadSpec(ParseContext& context, const YamlNode& node) {
  YamlMap spec(node, "'spec'", context.file(), context.findings);
  if (const YamlNode* input = spec.Require("input", "say what a task brings, for example {message: {type: string}}")) {
    context.graph.input = kind::ReadFields(*input, "'input'", context.file(), context.findings);
  }
  if (const YamlNode* limits = spec.Get("limits")) ReadLimits(context, *limits);
  // Every record is on disk before it is shown; the other two are for a later version.
  if (spec.Choice("durability", {"full", "relaxed", "none"}).value_or(0) != 0) {
    context.Error(*node.Find("durability"),
                  "'" + node.Find("durability")->text +
                      "' durability is not supported by this version; say full, or leave it out");
  }
  if (const YamlNode* models = spec.Get("models")) ReadModels(context, *models);
  if (const YamlNode* pools = spec.Get("pools")) ReadPools(context, *pools);
  if (const YamlNode* agents = spec.Require("agents", "say who works here")) ReadAgents(context, *agents);
  context.graph.cache = ReadCache(context, spec, "");
  const YamlNode* output = spec.Get("output");
  if (const YamlNode* steps = spec.Require("steps", "say who does what")) {
    context.graph.root = ReadScope(context, *steps, output, 1, {});
    CheckGraph(context);
  }
  for (const char* key : {"content", "teach", "tenants", "triggers", "canary"}) spec.Refuse(key);
  spec.Finish();
  if (output == nullptr && spec.valid()) {
    context.Warn(context.At(node), "the graph has no 'output'; its tasks give none");
  }
}

}  // namespace

std::string FileKey(const ParseContext& context, const std::string& path) {
  // as it is written where the graph stands alone
  if (context.folder.empty()) return path;
  return (std::filesystem::path(context.folder) / path).lexically_normal().string();
}

const std::string* UseFile(ParseContext& context, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || node.text.empty()) {
    context.Error(node, "must be the path of a file, got " + Describe(node));
    return nullptr;
  }
  const std::string path = FileKey(context, node.text);
  auto found = context.files.texts.find(path);
  if (found == context.files.texts.end()) {
    if (!context.options.read_files) {
      context.Error(node, "the file '" + path + "' was not sent with the graph; send it, or correct the path");
      return nullptr;
    }
    std::string absolute = AbsolutePath(context, node.text);
    auto text = ReadFile(absolute, kMaxFileBytes);
    if (!text) {
      context.Error(node, "cannot read '" + path + "': " + text.error().message + " (looked for " + absolute + ")");
      return nullptr;
    }
    found = context.files.texts.emplace(path, std::move(*text)).first;
  }
  if (context.files.used.insert(path).second) {
    context.files.used_bytes += found->second.size();
    if (found->second.size() > kMaxFileBytes || context.files.used_bytes > kMaxAllFilesBytes) {
      context.Error(node, "'" + path + "' is too large: a file may have " + std::to_string(kMaxFileBytes) +
                              " bytes, all together " + std::to_string(kMaxAllFilesBytes));
      return nullptr;
    }
  }
  return &found->second;
}

std::string AbsolutePath(const ParseContext& context, const std::string& path) {
  return (std::filesystem::path(context.files.base_path) / context.folder / path).lexically_normal().string();
}

bool ReadGraph(ParseContext& context, YamlNode& root) {
  root = kind::ParseYaml(context.yaml, context.file(), context.findings, {.max_bytes = kMaxGraphBytes});
  if (context.findings.HasErrors()) return false;
  YamlMap map(root, "the graph file", context.file(), context.findings);
  kind::CheckKind(map, "AgentGraph", context.file(), context.findings);
  context.graph.name = kind::ReadName(map, "graph", context.file(), context.findings);
  if (const YamlNode* spec = map.Require("spec", "describe the graph there")) ReadSpec(context, *spec);
  map.Finish({"status"});
  if (context.findings.HasErrors()) return false;
  WarnUnused(context);
  context.graph.base_path = context.files.base_path;
  return true;
}

Parsed ParseGraph(GraphSource source, const ParseOptions& options) {
  Parsed parsed;
  SharedFiles files{.texts = source.files, .base_path = source.base_path};
  ParseContext context{.yaml = source.yaml,
                       .file_name = source.file_name,
                       .files = files,
                       .options = options,
                       .chain = {std::filesystem::path(source.file_name).filename().string()}};
  YamlNode root;
  if (ReadGraph(context, root)) {
    context.graph.version = VersionOf(context, root);
    parsed.graph = std::make_shared<const Graph>(std::move(context.graph));
  }
  parsed.findings = context.findings.Take(source.file_name);
  std::erase_if(source.files, [&](const auto& file) { return !files.used.contains(file.first); });
  parsed.source = std::move(source);
  return parsed;
}

Parsed LoadGraph(const std::string& path, ParseOptions options) {
  GraphSource source;
  source.file_name = path;
  std::error_code fault;
  auto absolute = std::filesystem::absolute(path, fault);
  source.base_path = absolute.parent_path().string();
  auto text = ReadFile(absolute, kMaxGraphBytes);
  if (!text) {
    Parsed parsed;
    parsed.findings.push_back({Severity::kError, path, 0, 0, "cannot read the graph file: " + text.error().message});
    parsed.source = std::move(source);
    return parsed;
  }
  source.yaml = std::move(*text);
  options.read_files = true;
  return ParseGraph(std::move(source), options);
}

std::string ToString(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += ToString(finding) + "\n";
  return text;
}

}  // namespace troupe::graph
