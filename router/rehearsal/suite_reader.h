// What the parts of the reader of a suite share. Lives for one ReadSuite; used by one thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "router/rehearsal/suite.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::rehearsal {

struct SuiteReader {
  SuiteReader(const graph::Graph& of, const std::string& file_name, kind::Findings& into);

  const graph::Graph& graph;
  const std::string& file;
  kind::Findings& findings;
  // Of all steps, without round numbers: "handle.answer.draft". And their last names.
  std::vector<std::string> paths;
  std::set<std::string> names;
  // Of steps that ask people.
  std::set<std::string> approvals;
  // Agents of steps that take a text apart, and the skills there.
  std::set<std::string> splitters;
  std::set<std::string> skills;

  graph::Position At(const kind::YamlNode& node) const { return {file, node.line, node.column}; }
  void Error(const kind::YamlNode& node, std::string message) { findings.Error(file, node, std::move(message)); }
  std::vector<std::string> AgentNames() const;
  // A list of texts; a single text counts as a list of one. Empty, with a finding, for anything else.
  std::vector<Placed<std::string>> Texts(const kind::YamlNode& node, const std::string& what);
  std::optional<Pattern> ReadPattern(const kind::YamlNode& node);
  std::optional<Code> ReadCode(const kind::YamlNode& node);
  // Reports a path that names no step of the graph. Round numbers and [*] are left aside.
  void CheckPath(const Placed<std::string>& path);
};

// read_rules.cc. Rules by agent, and the agents that are said to be real.
struct StandIns {
  std::map<std::string, std::vector<Rule>> rules;
  std::set<std::string> real;
};
StandIns ReadStandIns(SuiteReader& reader, const kind::YamlNode& node);

// read_expected.cc
Expected ReadExpected(SuiteReader& reader, const kind::YamlNode& node);

// decisions.cc
std::vector<CaseDecision> ReadDecisions(SuiteReader& reader, const kind::YamlNode& node);

}  // namespace troupe::rehearsal
