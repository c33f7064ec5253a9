#include <algorithm>
#include <utility>

#include "router/graph/outline.h"
#include "router/rehearsal/step_path.h"
#include "router/rehearsal/suite_reader.h"
#include "runtime/kind/header.h"
#include "runtime/kind/suggest.h"

namespace troupe::rehearsal {
namespace {

using kind::YamlMap;
using kind::YamlNode;

void Collect(const graph::Scope& scope, const std::string& prefix, SuiteReader& reader) {
  for (const graph::Step& step : scope.steps) {
    const std::string path = prefix + step.name;
    reader.paths.push_back(path);
    reader.names.insert(step.name);
    if (step.approve) reader.approvals.insert(path);
    if (step.decompose) {
      reader.splitters.insert(step.decompose->agent);
      for (const graph::Skill& skill : step.decompose->skills) reader.skills.insert(skill.name);
      reader.skills.insert(step.decompose->default_skill);
    }
    if (const graph::Scope* inside = graph::StepsInside(step)) Collect(*inside, path + ".", reader);
  }
}

void CollectTexts(const Value& value, std::string& out) {
  if (value.is_string()) {
    if (!out.empty()) out += ' ';
    out += value.get_ref<const std::string&>();
  } else if (value.is_structured()) {
    for (const Value& item : value) CollectTexts(item, out);
  }
}

Case ReadCase(SuiteReader& reader, const YamlNode& node, const StandIns& for_all) {
  Case read;
  read.position = reader.At(node);
  YamlMap map(node, "the case", reader.file, reader.findings);
  if (!map.valid()) return read;
  if (const YamlNode* name = map.Require("name", "name it")) {
    read.name = name->text;
    read.position = reader.At(*name);
    if (name->kind != YamlNode::Kind::kScalar || name->text.empty() || name->text.size() > 200) {
      reader.Error(*name, "'name' must be a text of 1 to 200 bytes, got " + Describe(*name));
    }
  }
  if (const YamlNode* input = map.Require("input", "say what the task brings")) {
    auto value = kind::Conform(reader.graph.input, ToValue(*input), "input");
    if (!value) {
      reader.Error(*input, value.error().message);
    } else {
      read.input = std::move(*value);
    }
  }
  StandIns own;
  if (const YamlNode* agents = map.Get("agents")) own = ReadStandIns(reader, *agents);
  read.stand_ins = std::move(own.rules);
  for (const auto& [agent, rules] : for_all.rules) {
    if (own.real.contains(agent)) continue;
    auto& mine = read.stand_ins[agent];
    mine.insert(mine.end(), rules.begin(), rules.end());
  }
  if (const YamlNode* decide = map.Get("decide")) read.decisions = ReadDecisions(reader, *decide);
  read.timeout_ms = map.DurationMs("timeout").value_or(0);
  if (const YamlNode* expect = map.Get("expect")) read.expected = ReadExpected(reader, *expect);
  if (!read.expected.state.position.line) read.expected.state.position = read.position;
  map.Finish();
  return read;
}

}  // namespace

SuiteReader::SuiteReader(const graph::Graph& of, const std::string& file_name, kind::Findings& into)
    : graph(of), file(file_name), findings(into) {
  Collect(graph.root, "", *this);
}

std::vector<std::string> SuiteReader::AgentNames() const {
  std::vector<std::string> known;
  for (const auto& [name, agent] : graph.agents) known.push_back(name);
  return known;
}

std::vector<Placed<std::string>> SuiteReader::Texts(const YamlNode& node, const std::string& what) {
  std::vector<Placed<std::string>> texts;
  std::vector<const YamlNode*> items;
  if (node.kind == YamlNode::Kind::kScalar) items.push_back(&node);
  for (const YamlNode& item : node.items) items.push_back(&item);
  const bool fits = node.kind != YamlNode::Kind::kMap &&
                    std::all_of(items.begin(), items.end(),
                                [](const YamlNode* item) { return item->kind == YamlNode::Kind::kScalar; });
  if (!fits) {
    Error(node, what + " must be a list of texts, got " + Describe(node));
    return texts;
  }
  for (const YamlNode* item : items) texts.push_back({item->text, At(*item)});
  return texts;
}

std::optional<Pattern> SuiteReader::ReadPattern(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) {
    Error(node, "'matches' must be a regular expression, got " + Describe(node));
    return std::nullopt;
  }
  try {
    return Pattern{node.text, std::regex(node.text, std::regex::ECMAScript)};
  } catch (const std::regex_error& failed) {
    Error(node, "'" + node.text + "' is no regular expression (ECMAScript): " + failed.what());
    return std::nullopt;
  }
}

std::optional<Code> SuiteReader::ReadCode(const YamlNode& node) {
  const auto code = CodeFromName(node.text);
  if (!code || *code == Code::kOk) {
    Error(node, "'" + node.text + "' is no error code such as UNAVAILABLE or INVALID_ARGUMENT");
    return std::nullopt;
  }
  return code;
}

void SuiteReader::CheckPath(const Placed<std::string>& path) {
  const std::string plain = WithoutRounds(path.value);
  if (std::find(paths.begin(), paths.end(), plain) != paths.end()) return;
  findings.Error(file, path.position.line, path.position.column,
                 "the graph has no step '" + path.value + "'" + kind::Suggest(plain, paths));
}

Suite ReadSuite(std::string_view yaml, const std::string& file, const graph::Graph& graph, kind::Findings& findings) {
  Suite suite{.file = file};
  const YamlNode root = kind::ParseYaml(yaml, file, findings, {.max_bytes = kMaxSuiteBytes});
  if (findings.HasErrors()) return suite;
  SuiteReader reader(graph, suite.file, findings);
  YamlMap map(root, "the file of cases", suite.file, findings);
  kind::CheckKind(map, "GraphTest", suite.file, findings);
  StandIns for_all;
  if (const YamlNode* agents = map.Get("agents")) for_all = ReadStandIns(reader, *agents);
  const YamlNode* cases = map.Require("cases", "write at least one: - {name: ..., input: {...}}");
  if (cases != nullptr && (cases->kind != YamlNode::Kind::kList || cases->items.empty())) {
    reader.Error(*cases, "'cases' must be a list with at least one case, got " + Describe(*cases));
  } else if (cases != nullptr && cases->items.size() > kMaxCases) {
    reader.Error(*cases, "'cases' has more than " + std::to_string(kMaxCases) + " cases; make two files of it");
  } else if (cases != nullptr) {
    std::set<std::string> taken;
    for (const YamlNode& node : cases->items) {
      Case read = ReadCase(reader, node, for_all);
      if (!read.name.empty() && !taken.insert(read.name).second) {
        findings.Error(file, read.position.line, read.position.column,
                       "two cases are called '" + read.name + "'; give each its own name");
      }
      suite.cases.push_back(std::move(read));
    }
  }
  map.Finish();
  return suite;
}

std::string DefaultSuitePath(const std::string& graph_path) {
  const size_t slash = graph_path.find_last_of('/');
  const size_t dot = graph_path.find_last_of('.');
  const bool has_ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  return (has_ending ? graph_path.substr(0, dot) : graph_path) + ".test.yaml";
}

std::string TextOf(const Value& input) {
  std::string text;
  CollectTexts(input, text);
  return text;
}

}  // namespace troupe::rehearsal
