// What the parts of the parser share while they read one graph file. Lives for one ParseGraph; used by one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "router/graph/parse.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::graph {

// That an agent may ask a peer, and where the graph says so.
struct AskRead {
  std::string agent;
  std::string peer;
  Position position;
};

struct ParseContext {
  GraphSource& source;
  const ParseOptions& options;
  kind::Findings findings;
  Graph graph;
  // Files that were used, and the bytes of all of them.
  std::set<std::string> used_files;
  size_t used_bytes = 0;
  // Agents, models and pools that somebody named.
  std::set<std::string> used_agents;
  std::set<std::string> used_models;
  std::set<std::string> used_pools;
  // In the order of the file.
  std::vector<AskRead> asks;

  const std::string& file() const { return source.file_name; }
  Position At(const kind::YamlNode& node) const { return {source.file_name, node.line, node.column}; }
  void Error(const kind::YamlNode& node, std::string message) {
    findings.Error(source.file_name, node, std::move(message));
  }
  void Error(const Position& position, std::string message) {
    findings.Error(position.file, position.line, position.column, std::move(message));
  }
  void Warn(const Position& position, std::string message) {
    findings.Warn(position.file, position.line, position.column, std::move(message));
  }
  const std::vector<kind::Kind>& kinds() const { return options.kinds ? *options.kinds : kind::AllKinds(); }
};

// The text of a file that the graph names; null and a finding at `node` where there is none. Lives as long as the
// context.
const std::string* UseFile(ParseContext& context, const kind::YamlNode& node);

// A path of the graph made absolute against its folder.
std::string AbsolutePath(const ParseContext& context, const std::string& path);

// Places inside of templates: where offset `offset` of a template's text stands in the file that holds it. `start` is
// the template's value in the graph file, or line 1 column 1 of a file of its own. Best effort: `start` where it is
// unclear.
Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, size_t offset);
// The same by line and column in the text, from 1.
Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, int line, int column);

// resources.cc: who works here. Into context.graph.
void ReadModels(ParseContext& context, const kind::YamlNode& node);
void ReadPools(ParseContext& context, const kind::YamlNode& node);
void ReadAgents(ParseContext& context, const kind::YamlNode& node);

// asks.cc: an agent's `asks`; once all agents are read, whether there are such peers and no circle.
void ReadAsks(ParseContext& context, kind::YamlMap& map, Agent& agent);
void CheckAsks(ParseContext& context);

// The node names an agent, which somebody uses from now on; false and a finding where there is none.
bool UseAgent(ParseContext& context, const kind::YamlNode& node);

// value.cc: anything that may hold expressions.
ValueTemplate ReadValue(ParseContext& context, const kind::YamlNode& node);
// A lone {{ expression }}; `what` names it in messages.
std::optional<Expression> ReadExpression(ParseContext& context, const kind::YamlNode& node, const std::string& what);

// skills.cc: {skill: [examples...]}, inline or in a file of its own.
std::vector<Skill> ReadSkills(ParseContext& context, const kind::YamlNode& node);

// decompose.cc: how a text is taken apart. `node` is the value of `decompose` in the step `step`, whose own keys
// (timeout, retry, onError) the caller reads.
DecomposeStep ReadDecompose(ParseContext& context, kind::YamlMap& step, const kind::YamlNode& node);

// steps.cc: the steps of one scope and those inside of them. `outer` are the names that they may not take.
Scope ReadScope(ParseContext& context, const kind::YamlNode& steps, const kind::YamlNode* output, int depth,
                const std::set<std::string>& outer);

// check.cc: references, types, order. Fills waits_for and output types.
void CheckGraph(ParseContext& context);

// version.cc: SHA-256 over the graph's content and that of the files used.
GraphVersion VersionOf(const ParseContext& context, const kind::YamlNode& root);

}  // namespace troupe::graph
