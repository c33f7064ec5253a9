// Who teaches whom: the `teach` of a step, read and checked.
#include "router/graph/teach.h"

#include "router/graph/context.h"
#include "router/graph/outline.h"
#include "router/graph/share.h"

namespace troupe::graph {
namespace {

using kind::Type;
using kind::YamlMap;
using kind::YamlNode;

// An agent whose kind is known; null for none.
const Agent* FindAgent(const Graph& graph, const std::string& name) {
  const auto found = graph.agents.find(name);
  return found == graph.agents.end() || found->second.kind == nullptr ? nullptr : &found->second;
}

// The field of its output that says how sure the student is; empty and a finding where none does.
std::string ReadConfidence(ParseContext& context, const YamlNode& node, const Agent& student) {
  const std::string& field = student.kind->confidence_field;
  const std::string who = "agent '" + student.name + "' is of kind " + student.kind->name;
  if (field.empty()) {
    std::string able;
    for (const kind::Kind& kind : context.kinds()) {
      if (!kind.confidence_field.empty()) able += (able.empty() ? "" : ", ") + kind.name;
    }
    context.Error(node, who + ", which does not say how sure it is; only these do: " + able);
    return "";
  }
  // what a schema leaves open may be there
  const kind::Field* given = student.output_type.Find(field);
  const bool may_be_there = given == nullptr
                                ? student.output_type.fields.empty()
                                : given->type.kind == Type::Kind::kNumber || given->type.kind == Type::Kind::kAny;
  if (may_be_there) return field;
  context.Error(node, who + ", which says how sure it is by '" + field +
                          "', but its output has no such number: " + ToString(student.output_type));
  return "";
}

void CheckEffects(ParseContext& context, const YamlNode& node, const Agent& agent, const std::string& what) {
  if (!agent.kind->effects) return;
  context.Error(node, what + " '" + agent.name + "' is of kind " + agent.kind->name +
                          ", which has effects, and a step with a teacher may be done twice; remove 'teach'");
}

std::string NameList(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "input." : ", input.") + name;
  return text;
}

// What is asked of it besides.
std::string CheckText(const TeachRule& rule) {
  return rule.check == 0.0 ? "" : ", and as a spot check for " + ShareText(rule.check) + " of the rest";
}

// What becomes of the pairs.
std::string KeptText(const Graph& graph, const TaughtStep& taught) {
  const TeachRule& rule = *taught.step->teach;
  if (rule.keep == TeachRule::Keep::kNothing) return "pairs of answers are not kept";
  const std::string secret = NameList(PrivateAmong(graph, taught.sources.fields));
  if (secret.empty()) return "pairs of answers are kept to learn from; they depend on " + ToString(taught.sources);
  if (rule.keep == TeachRule::Keep::kAll) {
    return "pairs of answers are kept to learn from, what is private in them (" + secret + ") too; they depend on " +
           ToString(taught.sources);
  }
  return "pairs of answers are not kept, as they depend on what is private (" + secret +
         "); where it may be kept, say keepPrivate: true";
}

}  // namespace

std::optional<TeachRule> ReadTeach(ParseContext& context, YamlMap& map, const AgentStep& step) {
  const YamlNode* node = map.Get("teach");
  if (node == nullptr) return std::nullopt;
  TeachRule rule{.position = context.At(*node)};
  YamlMap keys(*node, "'teach'", context.file(), context.findings);
  if (const YamlNode* agent = keys.Require("agent", "name the teacher")) {
    if (agent->text == step.agent) {
      context.Error(*agent, "the teacher is the step's own agent; name one that knows more");
    } else if (UseAgent(context, *agent)) {
      rule.agent = agent->text;
    }
  }
  keys.Require("below", "say how sure is sure enough, for example below: 0.8");
  rule.below = keys.Number("below", 0.01, 1.0).value_or(0.0);
  if (const YamlNode* check = keys.Get("check")) {
    if (const auto share = ParseShare(check->text, 0.1, 100.0)) {
      rule.check = *share;
    } else {
      context.Error(*check, "'check' must be a share from 0.1% to 100%, for example 2%, got " + Describe(*check));
    }
  }
  rule.timeout_ms = keys.DurationMs("timeout").value_or(step.timeout_ms);
  const bool keep = keys.Boolean("keep").value_or(true);
  const bool keep_private = keys.Boolean("keepPrivate").value_or(false);
  keys.Finish();
  if (!keep && keep_private) {
    context.Error(*node->Find("keepPrivate"), "'keep' says that nothing is kept; remove one of them");
  }
  using Keep = TeachRule::Keep;
  rule.keep = !keep ? Keep::kNothing : keep_private ? Keep::kAll : Keep::kPublic;
  if (const Agent* student = FindAgent(context.graph, step.agent)) {
    rule.confidence = ReadConfidence(context, *node, *student);
    rule.answer = student->kind->answer_field;
    CheckEffects(context, *node, *student, "agent");
  }
  if (const Agent* teacher = FindAgent(context.graph, rule.agent)) CheckEffects(context, *node, *teacher, "teacher");
  if (rule.agent.empty() || rule.confidence.empty() || rule.below == 0.0) return std::nullopt;
  if (rule.timeout_ms == 0 && rule.check > 0.0) {
    context.Error(*node->Find("check"),
                  "'check' needs a 'timeout', in 'teach' or the step: a sure answer would wait for its teacher as long "
                  "as the task has");
  } else if (rule.timeout_ms == 0) {
    context.Warn(rule.position,
                 "the teacher has no timeout: while it is away the step waits for as long as its task "
                 "has, and the student's answer is lost with it; say teach: {timeout: ...}");
  }
  return rule;
}

void CheckTeachers(ParseContext& context) {
  if (context.findings.HasErrors()) return;
  const auto taught_steps = TaughtSteps(context.graph);
  for (const auto& [path, taught] : taught_steps) {
    for (const auto& [other_path, other] : taught_steps) {
      if (other.step->agent != taught.step->teach->agent) continue;
      context.Error(taught.step->teach->position, "teacher '" + other.step->agent + "' has a teacher itself, '" +
                                                      other.step->teach->agent + "' in step '" + other_path +
                                                      "', and nothing is learnt from a student; name another one");
      break;
    }
  }
}

bool KeepsLessons(const Graph& graph, const TaughtStep& taught) {
  const TeachRule::Keep keep = taught.step->teach->keep;
  if (keep == TeachRule::Keep::kPublic) return PrivateAmong(graph, taught.sources.fields).empty();
  return keep == TeachRule::Keep::kAll;
}

std::vector<TeachNote> TeachNotes(const Graph& graph) {
  std::vector<TeachNote> notes;
  for (const auto& [path, taught] : TaughtSteps(graph)) {
    const TeachRule& rule = *taught.step->teach;
    notes.push_back({rule.position, "where agent '" + taught.step->agent + "' is unsure in step '" + path + "' ('" +
                                        rule.confidence + "' below " + Dump(Value(rule.below)) + "), '" + rule.agent +
                                        "' is asked" + CheckText(rule) + "; " + KeptText(graph, taught)});
  }
  return notes;
}

}  // namespace troupe::graph
