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

// What the graph file and the graphs inside of it share: the files there are, and the inner graphs read so far. Files
// are known by their path from the outermost graph's folder.
struct SharedFiles {
  std::map<std::string, std::string>& texts;
  // The outermost graph's folder.
  const std::string& base_path;
  // Files that were used, and the bytes of all of them.
  std::set<std::string> used;
  size_t used_bytes = 0;
  // By file; null for one with errors, which are told once.
  std::map<std::string, std::shared_ptr<const Graph>> graphs;
};

struct ParseContext {
  // The graph file that is being read: its text, and what it is called in messages.
  const std::string& yaml;
  const std::string& file_name;
  SharedFiles& files;
  const ParseOptions& options;
  // The folder of this file from the outermost one's, "" or "triage/"; and the files on the way here, this one last.
  std::string folder;
  std::vector<std::string> chain;
  kind::Findings findings;
  Graph graph;
  // Agents, models and pools that somebody named.
  std::set<std::string> used_agents;
  std::set<std::string> used_models;
  std::set<std::string> used_pools;
  // In the order of the file.
  std::vector<AskRead> asks;

  const std::string& file() const { return file_name; }
  Position At(const kind::YamlNode& node) const { return {file_name, node.line, node.column}; }
  void Error(const kind::YamlNode& node, std::string message) { findings.Error(file_name, node, std::move(message)); }
  void Error(const Position& position, std::string message) {
    findings.Error(position.file, position.line, position.column, std::move(message));
  }
  void Warn(const Position& position, std::string message) {
    findings.Warn(position.file, position.line, position.column, std::move(message));
  }
  const std::vector<kind::Kind>& kinds() const { return options.kinds ? *options.kinds : kind::AllKinds(); }
};

// The text of a file that the graph names; null and a finding at `node` where there is none. Lives as long as the
// shared files.
const std::string* UseFile(ParseContext& context, const kind::YamlNode& node);

// What a file that the graph names is called: its path from the outermost graph's folder.
std::string FileKey(const ParseContext& context, const std::string& path);

// A path of the graph made absolute against its folder.
std::string AbsolutePath(const ParseContext& context, const std::string& path);

// Places inside of templates: where offset `offset` of a template's text stands in the file that holds it. `start` is
// the template's value in the graph file, or line 1 column 1 of a file of its own. Best effort: `start` where it is
// unclear.
Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, size_t offset);
// The same by line and column in the text, from 1.
Position PlaceInside(const ParseContext& context, const Position& start, std::string_view text, int line, int column);

// resources.cc: a decimal number above 0 as whole millionths; nothing where the key is not there, and a finding where
// its value is something else.
std::optional<int64_t> ReadMicros(ParseContext& context, kind::YamlMap& map, const std::string& key);

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

// cache.cc: whether answers are kept, from the map's key `cache`: those of a step, which that agent does, or of a whole
// graph where `agent` is empty.
std::optional<CacheRule> ReadCache(ParseContext& context, kind::YamlMap& map, const std::string& agent);
// That an agent's answers may be kept; `what` begins the message.
void CheckCacheable(ParseContext& context, const std::string& what, const Position& at, const std::string& agent);
// What it names, as its step sees it.
struct View;
void CheckCacheTypes(ParseContext& context, const CacheRule& rule, const View& view);
// On the whole graph: nothing private is shared, and a graph whose answers are kept does nothing else.
void CheckCaches(ParseContext& context);

// teach.cc: who teaches an agent's step, from the map's key `teach`; its attempt takes as long as the step's own unless
// it says otherwise.
std::optional<TeachRule> ReadTeach(ParseContext& context, kind::YamlMap& map, const AgentStep& step);
// On the whole graph: nobody who has a teacher is one.
void CheckTeachers(ParseContext& context);

// steps.cc: the steps of one scope and those inside of them. `outer` are the names that they may not take.
Scope ReadScope(ParseContext& context, const kind::YamlNode& steps, const kind::YamlNode* output, int depth,
                const std::set<std::string>& outer);

// parse.cc: the one document of context.yaml, checked; false where there are errors.
bool ReadGraph(ParseContext& context, kind::YamlNode& root);

// subgraph.cc: the graph in a file that the graph names, its agents, models and pools among this graph's own. Null and
// findings where it cannot be had.
std::optional<GraphStep> ReadSubgraph(ParseContext& context, const kind::YamlNode& file);

// check.cc: references, types, order. Fills waits_for and output types.
void CheckGraph(ParseContext& context);

// version.cc: SHA-256 over the graph's content and that of the files used.
GraphVersion VersionOf(const ParseContext& context, const kind::YamlNode& root);

}  // namespace troupe::graph
