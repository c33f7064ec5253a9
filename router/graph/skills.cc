#include <algorithm>

#include "router/graph/context.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

constexpr size_t kMaxExampleBytes = 2000;

std::vector<Skill> ReadSkillMap(ParseContext& context, const YamlNode& node, const std::string& file) {
  std::vector<Skill> skills;
  YamlMap map(node, "'skills'", file, context.findings);
  if (!map.valid()) return skills;
  for (const auto& entry : node.entries) {
    Skill skill{entry.key.text, {}};
    const YamlNode& examples = entry.value;
    if (skill.name.empty()) context.findings.Error(file, entry.key, "a skill without a name");
    if (examples.kind != YamlNode::Kind::kList || examples.items.empty()) {
      context.findings.Error(file, examples,
                             "skill '" + skill.name + "' must be a list of example sentences, got " +
                                 (examples.kind == YamlNode::Kind::kList ? "an empty list" : Describe(examples)));
    }
    for (const auto& example : examples.items) {
      if (example.kind != YamlNode::Kind::kScalar || example.text.empty() || example.text.size() > kMaxExampleBytes) {
        context.findings.Error(file, example,
                               "an example of skill '" + skill.name + "' must be a text of at most " +
                                   std::to_string(kMaxExampleBytes) + " bytes, got " + Describe(example));
        continue;
      }
      skill.examples.push_back(example.text);
    }
    skills.push_back(std::move(skill));
  }
  if (skills.empty()) context.findings.Error(file, node, "'skills' names none; give each skill a few examples");
  return skills;
}

}  // namespace

std::vector<Skill> ReadSkills(ParseContext& context, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) return ReadSkillMap(context, node, context.file());
  const std::string* text = UseFile(context, node);
  if (text == nullptr) return {};
  int errors = context.findings.errors();
  const std::string file = FileKey(context, node.text);
  YamlNode root = kind::ParseYaml(*text, file, context.findings, {.max_bytes = kMaxFileBytes});
  if (context.findings.errors() > errors) return {};
  return ReadSkillMap(context, root, file);
}

}  // namespace troupe::graph
