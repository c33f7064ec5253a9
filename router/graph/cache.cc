// Which answers are kept: the `cache` of a step and that of a whole graph, read and checked.
#include <array>

#include "router/graph/context.h"
#include "router/graph/outline.h"
#include "router/graph/share.h"
#include "router/graph/sources.h"
#include "router/graph/typing.h"

namespace troupe::graph {
namespace {

using kind::Type;
using kind::YamlMap;
using kind::YamlNode;

// Of nearness: what is farther is another question.
constexpr double kLowestThreshold = 0.7;

// An agent that writes freely hardly says the same twice in the same words.
CacheRule::Judge UsualJudge(const ParseContext& context, const std::string& name) {
  const auto found = context.graph.agents.find(name);
  if (found == context.graph.agents.end() || found->second.kind == nullptr) return CacheRule::Judge::kEqual;
  const auto is_set = [&config = found->second.config](const char* key) {
    const auto value = config.find(key);
    return value != config.end() && !value->empty();
  };
  const bool is_bound = is_set("schema") || is_set("choices");
  return found->second.kind->streams && !is_bound ? CacheRule::Judge::kAlike : CacheRule::Judge::kEqual;
}

std::optional<CacheRule::Semantic> ReadSemantic(ParseContext& context, const YamlNode& node,
                                                const std::string& agent_of_step) {
  CacheRule::Semantic semantic;
  YamlMap keys(node, "'semantic'", context.file(), context.findings);
  if (const YamlNode* text = keys.Require("text", "say which text asks, for example \"{{ input.question }}\"")) {
    if (auto expression = ReadExpression(context, *text, "'text'")) semantic.text = std::move(*expression);
  }
  if (const YamlNode* agent = keys.Require("agent", "name an agent of kind embed");
      agent && UseAgent(context, *agent)) {
    semantic.agent = agent->text;
    const kind::Kind* kind = context.graph.agents.at(agent->text).kind;
    if (kind != nullptr && kind->name != "embed" && kind->name != "scripted") {
      context.Error(*agent, "agent '" + agent->text + "' is of kind " + kind->name +
                                "; what is alike is told by vectors, so name one of kind embed");
    }
  }
  if (const YamlNode* bound = keys.Get("errorBound")) {
    if (auto share = ParseShare(bound->text, 0.1, 50.0)) {
      semantic.error_bound = *share;
    } else {
      context.Error(*bound, "'errorBound' must be a share from 0.1% to 50%, for example 1%, got " + Describe(*bound));
    }
  }
  semantic.threshold = keys.Number("threshold", kLowestThreshold, 1.0).value_or(semantic.threshold);
  constexpr std::array kJudges{CacheRule::Judge::kEqual, CacheRule::Judge::kAlike, CacheRule::Judge::kPeople};
  const auto judge = keys.Choice("judge", {"equal", "alike", "people"});
  semantic.judge = judge ? kJudges[*judge] : UsualJudge(context, agent_of_step);
  keys.Finish();
  if (semantic.agent.empty() || semantic.text.text == nullptr) return std::nullopt;
  return semantic;
}

void CheckUser(ParseContext& context, const Expression& user, const View& view) {
  if (user.text->References().empty()) {
    context.Error(user.position,
                  "'user' says the same for everybody; name what tells users apart, such as a field of "
                  "the input");
  }
  const Type type = TypeOf(context, user, view);
  if (type.kind != Type::Kind::kString && type.kind != Type::Kind::kInteger && type.kind != Type::Kind::kAny) {
    context.Error(user.position, "'user' must be a text or a whole number, but this gives " + ToString(type));
  }
}

// The first step of a kind with effects, or that asks a person; null for none.
const Step* StepWithEffects(const Graph& graph, const Scope& scope) {
  for (const Step& step : scope.steps) {
    if (step.approve) return &step;
    const auto agent = graph.agents.find(AgentOf(step));
    if (agent != graph.agents.end() && agent->second.kind && agent->second.kind->effects) return &step;
    if (const Scope* inside = StepsInside(step)) {
      if (const Step* found = StepWithEffects(graph, *inside)) return found;
    }
  }
  return nullptr;
}

std::string NameList(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

}  // namespace

std::optional<CacheRule> ReadCache(ParseContext& context, YamlMap& map, const std::string& agent) {
  const YamlNode* node = map.Get("cache");
  if (node == nullptr) return std::nullopt;
  CacheRule rule{.position = context.At(*node)};
  if (node->kind == YamlNode::Kind::kScalar) {
    if (const auto on = map.Boolean("cache"); on && *on) return rule;
    return std::nullopt;
  }
  YamlMap keys(*node, "'cache'", context.file(), context.findings);
  rule.ttl_ms = keys.DurationMs("ttl").value_or(rule.ttl_ms);
  rule.stale_ms = keys.DurationMs("stale").value_or(0);
  if (const YamlNode* user = keys.Get("user")) rule.user = ReadExpression(context, *user, "'user'");
  if (!agent.empty()) {
    if (const YamlNode* semantic = keys.Get("semantic")) rule.semantic = ReadSemantic(context, *semantic, agent);
  } else if (const YamlNode* semantic = node->Find("semantic")) {
    keys.Get("semantic");
    context.Error(*semantic,
                  "a whole graph's answer is kept for equal inputs only; put 'semantic' on the step that "
                  "answers");
  }
  keys.Finish();
  return rule;
}

void CheckCacheable(ParseContext& context, const std::string& what, const Position& at, const std::string& name) {
  const auto agent = context.graph.agents.find(name);
  if (agent == context.graph.agents.end() || agent->second.kind == nullptr) return;
  if (agent->second.kind->effects) {
    context.Error(at, what + " has effects (kind " + agent->second.kind->name +
                          "), which an answer given again would leave out; remove its 'cache'");
  }
  if (!agent->second.asks.empty()) {
    context.Error(at, what + " is agent '" + name +
                          "', which may ask others, and what they say is not in its input; remove its 'cache', or put "
                          "one on the graph");
  }
}

void CheckCacheTypes(ParseContext& context, const CacheRule& rule, const View& view) {
  if (rule.user) CheckUser(context, *rule.user, view);
  if (!rule.semantic) return;
  Type wanted;
  wanted.kind = Type::Kind::kString;
  const Type type = TypeOf(context, rule.semantic->text, view);
  if (auto why = Mismatch(type, wanted, "'text' of semantic"); !why.empty()) {
    context.Error(rule.semantic->text.position, why);
  }
}

void CheckCaches(ParseContext& context) {
  if (context.findings.HasErrors()) return;
  const Graph& graph = context.graph;
  for (const auto& [path, cached] : CachedSteps(graph)) {
    if (cached.rule->user) continue;
    const std::vector<std::string> secret = PrivateAmong(graph, cached.sources.fields);
    if (secret.empty()) continue;
    context.Error(cached.rule->position,
                  "step '" + path + "' depends on what is private in the input (" + NameList(secret) +
                      "), so its answers must not be shared: say whose they are by cache: {user: \"{{ input.... }}\"}, "
                      "or take what is private out of its input");
  }
  if (!graph.cache) return;
  const Position& at = graph.cache->position;
  if (const Step* step = StepWithEffects(graph, graph.root)) {
    context.Error(at, "step '" + step->name + (step->approve ? "' asks a person" : "' has effects") +
                          ", which an answer given again would leave out; put 'cache' on other steps instead");
  }
  if (graph.cache->user) {
    for (const std::string& reference : graph.cache->user->text->References()) {
      if (SplitPath(reference)[0] == "input") continue;
      context.Error(graph.cache->user->position,
                    "'user' of a graph's cache is asked for before any step has run, so it can name nothing but the "
                    "input, got '" +
                        reference + "'");
    }
    const Scope none;
    CheckUser(context, *graph.cache->user, View{.scope = &none});
    return;
  }
  std::set<std::string> all;
  for (const kind::Field& field : graph.input.fields) all.insert(field.name);
  if (const auto secret = PrivateAmong(graph, all); !secret.empty()) {
    context.Error(at, "the graph's input has what is private (" + NameList(secret) +
                          "), so its answers must not be shared: say whose they are by cache: {user: \"{{ input.... "
                          "}}\"}");
  }
}

}  // namespace troupe::graph
