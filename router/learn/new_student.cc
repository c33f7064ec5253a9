#include "router/learn/new_student.h"

#include <cctype>
#include <vector>

#include "router/learn/yaml_edit.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::learn {
namespace {

using kind::YamlEntry;
using kind::YamlNode;

Result<YamlNode> Parse(const std::string& yaml, const std::string& file_name) {
  kind::Findings findings;
  YamlNode root = kind::ParseYaml(yaml, file_name, findings);
  if (!findings.HasErrors()) return root;
  return Invalid(kind::ToString(findings.Take().front()));
}

const YamlNode* FindIn(const YamlNode* node, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) node = node == nullptr ? nullptr : node->Find(key);
  return node;
}

// "handle.route": the step `route` inside of the step `handle`; null for none.
const YamlNode* FindStep(const YamlNode& root, const std::string& path) {
  const YamlNode* node = root.Find("spec");
  for (size_t at = 0; node != nullptr && at <= path.size();) {
    const size_t end = std::min(path.find('.', at), path.size());
    node = FindIn(node, {"steps", std::string_view(path).substr(at, end - at)});
    at = end + 1;
  }
  return node;
}

// The step's agent, as it stands there.
Result<const YamlNode*> AgentOf(const YamlNode& root, const std::string& file_name, const std::string& step) {
  const YamlNode* node = FindStep(root, step);
  if (node == nullptr) {
    return Invalid(file_name + " has no step '" + step +
                   "'; name one of its own by its path without rounds, not one of a graph inside");
  }
  const YamlNode* agent = node->Find("agent");
  if (agent == nullptr || FindIn(node, {"teach", "below"}) == nullptr) {
    return Invalid(file_name + ": step '" + step + "' has no teacher: teach: {agent: ..., below: ...}");
  }
  if (FindIn(node, {"teach", "check"}) == nullptr) {
    return Invalid(file_name + ": step '" + step +
                   "' has no spot checks: add check: 2%, else nobody notices a student that is sure and wrong");
  }
  return agent;
}

// Every scalar below the steps by which an agent is named.
void CollectUses(const YamlNode& node, const std::string& agent, std::vector<const YamlNode*>& uses) {
  for (const YamlEntry& entry : node.entries) {
    const bool names = entry.key.text == "agent" || entry.key.text == "fallback";
    if (names && entry.value.text == agent) uses.push_back(&entry.value);
    // what a step is given is nobody's name
    if (entry.key.text != "input") CollectUses(entry.value, agent, uses);
  }
}

// The model's entry, which is that agent's alone.
Result<const YamlNode*> ModelOf(const YamlNode& spec, const std::string& file_name, const std::string& agent) {
  const YamlNode* named = FindIn(&spec, {"agents", agent, "model"});
  const YamlNode* model = named == nullptr ? nullptr : FindIn(&spec, {"models", named->text});
  if (FindIn(model, {"path"}) == nullptr) return Invalid(file_name + ": agent '" + agent + "' has no model to replace");
  if (FindIn(model, {"sha256"}) != nullptr) {
    return Invalid(file_name + ": model '" + named->text +
                   "' states a sha256, and each student has weights of its own; remove it");
  }
  for (const YamlEntry& other : spec.Find("agents")->entries) {
    const YamlNode* its = other.value.Find("model");
    if (other.key.text == agent || its == nullptr || its->text != named->text) continue;
    return Invalid(file_name + ": model '" + named->text + "' is also agent '" + other.key.text + "'s; give agent '" +
                   agent + "' one of its own, under another name");
  }
  return model;
}

Status Rename(const YamlNode& spec, const std::string& from, const std::string& to, YamlEdit& edit) {
  std::vector<const YamlNode*> uses;
  CollectUses(*spec.Find("steps"), from, uses);
  for (const YamlNode* use : uses) TRY(edit.Text(*use, to));
  for (const YamlEntry& agent : spec.Find("agents")->entries) {
    if (agent.key.text == from) TRY(edit.Text(agent.key, to));
    const YamlNode* asks = agent.value.Find("asks");
    if (asks == nullptr) continue;
    for (const YamlEntry& peer : asks->entries) {
      if (peer.key.text == from) TRY(edit.Text(peer.key, to));
    }
  }
  return {};
}

Status MakeAbsolute(const YamlNode* node, const std::filesystem::path& folder, YamlEdit& edit) {
  if (node == nullptr) return {};
  for (const YamlNode& item : node->items) TRY(MakeAbsolute(&item, folder, edit));
  if (node->kind != YamlNode::Kind::kScalar) return {};
  return edit.Text(*node, (folder / node->text).lexically_normal().string());
}

}  // namespace

std::string AgentName(const std::string& old_name, int round) {
  size_t end = old_name.size();
  while (end > 0 && std::isdigit(static_cast<unsigned char>(old_name[end - 1])) != 0) --end;
  const bool has_round = end < old_name.size() && end > 2 && old_name.compare(end - 2, 2, "-r") == 0;
  return (has_round ? old_name.substr(0, end - 2) : old_name) + "-r" + std::to_string(round);
}

Result<std::string> StudentOf(const std::string& graph_yaml, const std::string& file_name, const std::string& step) {
  TRY_ASSIGN(const YamlNode root, Parse(graph_yaml, file_name));
  TRY_ASSIGN(const YamlNode* agent, AgentOf(root, file_name, step));
  return agent->text;
}

Result<std::string> WithStudent(const std::string& graph_yaml, const std::string& file_name,
                                const NewStudent& student) {
  TRY_ASSIGN(const YamlNode root, Parse(graph_yaml, file_name));
  TRY_ASSIGN(const YamlNode* agent, AgentOf(root, file_name, student.step));
  const YamlNode& spec = *root.Find("spec");
  if (FindIn(&spec, {"agents", agent->text}) == nullptr) {
    return Invalid(file_name + ": agent '" + agent->text + "' is none of its own");
  }
  const std::string name = AgentName(agent->text, student.round);
  if (FindIn(&spec, {"agents", name}) != nullptr) {
    return Invalid(file_name + ": agent '" + name +
                   "' is there already, so another loop's folder was used before: start the loop with that folder, or "
                   "rename the agent and apply the graph");
  }
  TRY_ASSIGN(const YamlNode* model, ModelOf(spec, file_name, agent->text));
  YamlEdit edit(graph_yaml, file_name);
  TRY(Rename(spec, agent->text, name, edit));
  TRY(edit.Text(*model->Find("path"), student.model));
  TRY(edit.Number(*FindIn(FindStep(root, student.step), {"teach", "below"}), student.below));
  return edit.Take();
}

Result<std::string> StudentIn(const std::string& recipe_yaml, const std::string& file_name) {
  TRY_ASSIGN(const YamlNode root, Parse(recipe_yaml, file_name));
  const YamlNode* student = FindIn(&root, {"spec", "student"});
  if (student == nullptr) return Invalid(file_name + ": names no student");
  return student->text;
}

Result<std::string> RecipeOf(const std::string& recipe_yaml, const std::string& file_name,
                             const std::filesystem::path& folder, const std::string& student,
                             const std::string& lessons) {
  TRY_ASSIGN(const YamlNode root, Parse(recipe_yaml, file_name));
  const YamlNode* learner = FindIn(&root, {"spec", "student"});
  const YamlNode* files = FindIn(&root, {"spec", "lessons"});
  if (learner == nullptr || files == nullptr || files->items.size() != 1) {
    return Invalid(file_name +
                   ": a loop's recipe names one student and one file of lessons, 'lessons: [FILE]'; both "
                   "are replaced in each round");
  }
  YamlEdit edit(recipe_yaml, file_name);
  TRY(edit.Text(*learner, student));
  TRY(edit.Text(files->items.front(), lessons));
  TRY(MakeAbsolute(FindIn(&root, {"spec", "replay", "texts"}), folder, edit));
  TRY(MakeAbsolute(FindIn(&root, {"spec", "replay", "heldOut"}), folder, edit));
  return edit.Take();
}

}  // namespace troupe::learn
