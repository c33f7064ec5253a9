#include <algorithm>
#include <utility>

#include "router/graph/context.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::YamlMap;
using kind::YamlNode;

const std::vector<std::string> kReserved = {"input", "previous", "steps"};

class ScopeReader {
 public:
  ScopeReader(ParseContext& context, int depth, const std::set<std::string>& outer)
      : context_(context), depth_(depth), taken_(outer) {}

  Scope Read(const YamlNode& steps, const YamlNode* output) {
    Scope scope;
    YamlMap map(steps, "'steps'", context_.file(), context_.findings);
    if (map.valid() && steps.entries.empty()) context_.Error(steps, "'steps' is empty; say who does what");
    for (const auto& entry : steps.entries) CheckName(entry.key);
    for (const auto& entry : steps.entries) {
      if (std::find(names_.begin(), names_.end(), entry.key.text) != names_.end()) continue;
      names_.push_back(entry.key.text);
    }
    for (const auto& name : names_) taken_.insert(name);
    for (const auto& name : names_) {
      const auto entry = std::find_if(steps.entries.begin(), steps.entries.end(),
                                      [&](const auto& candidate) { return candidate.key.text == name; });
      scope.steps.push_back(ReadStep(entry->key, entry->value));
    }
    if (output != nullptr) scope.output = ReadValue(context_, *output);
    return scope;
  }

 private:
  void CheckName(const YamlNode& key) {
    if (!kind::IsIdentifier(key.text)) {
      context_.Error(key, "'" + key.text + "' is no step name; use letters, digits and underscores, a letter first");
    } else if (taken_.contains(key.text)) {
      context_.Error(key, "'" + key.text + "' is the name of a step or variable further out; choose another name");
    }
  }

  Step ReadStep(const YamlNode& key, const YamlNode& node) {
    Step step;
    step.name = key.text;
    ++context_.graph.step_count;
    step.position = context_.At(key);
    what_ = "step '" + step.name + "'";
    YamlMap map(node, what_, context_.file(), context_.findings);
    if (!map.valid()) return step;
    const std::vector<std::string> later = {"ask", "asks", "subgraph"};
    for (const auto& refused : later) map.Refuse(refused);
    const std::vector<std::string> kinds = {"agent", "approve", "decompose", "each", "graph", "repeat"};
    std::vector<std::string> found;
    for (const auto& kind : kinds) {
      if (node.Find(kind) != nullptr) found.push_back(kind);
    }
    bool is_later = std::any_of(later.begin(), later.end(), [&](const auto& k) { return node.Find(k) != nullptr; });
    if (found.size() > 1) {
      context_.Error(*node.Find(found[1]), what_ + " has both '" + found[0] + "' and '" + found[1] +
                                               "'; a step does one thing, make two of it");
    } else if (found.empty() && !is_later) {
      context_.Error(node, what_ + " does nothing; give it one of agent, approve, decompose, each, graph or repeat");
    }
    if (const YamlNode* when = map.Get("when")) {
      step.when = ReadExpression(context_, *when, "'when'");
      if (step.when) CheckReachable(*when, *step.when);
    }
    ReadAfter(map, step);
    std::string kind = found.empty() ? "" : found[0];
    if (kind == "agent") ReadAgentStep(map, step);
    if (kind == "approve") ReadApprove(map, step);
    if (kind == "decompose") ReadDecompose(map, step);
    if (kind == "each") ReadEach(map, step);
    if (kind == "graph") ReadGraphStep(map, step);
    if (kind == "repeat") ReadRepeat(map, step);
    if (kind.empty()) return step;
    if (const YamlNode* cache = node.Find("cache"); cache && !step.agent) {
      (void)map.Get("cache");
      context_.Error(*cache, what_ +
                                 " is not one agent's work, so there is no one answer to keep; put 'cache' on steps "
                                 "with an agent, or in 'spec' for the answer of the whole graph");
    }
    if (const YamlNode* teach = node.Find("teach"); teach && !step.agent) {
      (void)map.Get("teach");
      context_.Error(*teach, what_ +
                                 " is not one agent's work, so there is no student; put 'teach' on steps with an "
                                 "agent");
    }
    map.Finish(found.size() > 1 ? std::vector<std::string>{"agent", "approve", "decompose", "each", "graph", "repeat",
                                                           "steps", "output"}
                                : std::vector<std::string>{});
    return step;
  }

  // A condition that names nothing has the same answer in every task.
  void CheckReachable(const YamlNode& node, const Expression& when) {
    if (!when.text->References().empty()) return;
    auto answer = when.text->Evaluate(Value::object());
    const bool never = answer && (answer->is_null() || *answer == false || *answer == 0 || *answer == "");
    if (never) context_.Error(node, what_ + " can never be reached: its 'when' is always false; remove the step");
  }

  void ReadAfter(YamlMap& map, Step& step) {
    const YamlNode* after = map.Get("after");
    if (after == nullptr) return;
    std::vector<YamlNode> names = after->items;
    if (after->kind == YamlNode::Kind::kScalar) names.push_back(*after);
    if (names.empty()) context_.Error(*after, "'after' must be the name of a step, or a list of such names");
    for (const auto& name : names) {
      auto found = std::find(names_.begin(), names_.end(), name.text);
      if (found == names_.end()) {
        context_.Error(name, "there is no step '" + name.text + "' beside " + what_ + kind::Suggest(name.text, names_));
        continue;
      }
      int index = static_cast<int>(found - names_.begin());
      if (std::find(step.waits_for.begin(), step.waits_for.end(), index) == step.waits_for.end()) {
        step.waits_for.push_back(index);
      }
    }
  }

  bool UseAgent(const YamlNode& node) { return graph::UseAgent(context_, node); }

  Retry ReadRetry(YamlMap& map) {
    Retry retry;
    const YamlNode* node = map.Get("retry");
    if (node == nullptr) return retry;
    YamlMap keys(*node, "'retry'", context_.file(), context_.findings);
    keys.Require("max", "say how many further attempts, for example {max: 2}");
    retry.max = static_cast<int>(keys.Integer("max", 0, 20).value_or(0));
    retry.backoff_ms = keys.DurationMs("backoff").value_or(retry.backoff_ms);
    retry.max_backoff_ms = std::max(retry.max_backoff_ms, retry.backoff_ms);
    keys.Finish();
    return retry;
  }

  // 0 for none.
  int ReadHedge(YamlMap& map, const std::string& agent) {
    const YamlNode* node = map.Get("hedge");
    if (node == nullptr) return 0;
    YamlMap keys(*node, "'hedge'", context_.file(), context_.findings);
    const auto percent = static_cast<int>(keys.Integer("percent", 1, 20).value_or(5));
    keys.Finish();
    const auto found = context_.graph.agents.find(agent);
    if (found == context_.graph.agents.end() || found->second.kind == nullptr) return percent;
    if (found->second.kind->effects) {
      context_.Error(*node, "agent '" + agent + "' is of kind " + found->second.kind->name +
                                ", which has effects: a second try beside the first would do them twice; remove "
                                "'hedge'");
    } else if (!found->second.asks.empty()) {
      context_.Error(*node,
                     "agent '" + agent + "' may ask peers, and two tries at once would both ask; remove 'hedge'");
    } else if (found->second.max_replicas == 1) {
      context_.Warn(context_.At(*node), "agent '" + agent +
                                            "' has one replica, so there is none for a second try; give "
                                            "it more by 'replicas'");
    }
    return percent;
  }

  OnError ReadOnError(YamlMap& map) {
    return map.Choice("onError", {"fail", "keep"}).value_or(0) == 1 ? OnError::kKeep : OnError::kFail;
  }

  void ReadAgentStep(YamlMap& map, Step& step) {
    step.kind = StepKind::kAgent;
    AgentStep agent;
    const YamlNode& name = *map.Get("agent");
    if (UseAgent(name)) agent.agent = name.text;
    if (const YamlNode* fallback = map.Get("fallback")) {
      if (fallback->text == name.text) {
        context_.Error(*fallback, "'fallback' is the step's own agent; name another one, or use 'retry'");
      } else if (UseAgent(*fallback)) {
        agent.fallback = fallback->text;
      }
    }
    agent.timeout_ms = map.DurationMs("timeout").value_or(0);
    agent.retry = ReadRetry(map);
    agent.hedge_percent = ReadHedge(map, agent.agent);
    agent.cache = ReadCache(context_, map, name.text);
    if (agent.cache) {
      CheckCacheable(context_, what_, agent.cache->position, agent.agent);
      if (!agent.fallback.empty()) {
        CheckCacheable(context_, "the fallback of " + what_, agent.cache->position, agent.fallback);
      }
    }
    agent.teach = ReadTeach(context_, map, agent);
    step.on_error = ReadOnError(map);
    if (const YamlNode* input = map.Get("input")) {
      agent.input = ReadValue(context_, *input);
    } else {
      agent.input.kind = ValueTemplate::Kind::kObject;
      agent.input.position = context_.At(map.node());
    }
    step.agent = std::move(agent);
  }

  void ReadApprove(YamlMap& map, Step& step) {
    step.kind = StepKind::kApprove;
    context_.graph.asks_people = true;
    ApproveStep approve;
    step.on_error = ReadOnError(map);
    YamlMap keys(*map.Get("approve"), "'approve'", context_.file(), context_.findings);
    if (const YamlNode* ask = keys.Require("ask", "say what the person is asked")) {
      approve.ask = ReadValue(context_, *ask);
    }
    if (const YamlNode* show = keys.Get("show")) approve.show = ReadValue(context_, *show);
    approve.timeout_ms = keys.DurationMs("timeout").value_or(0);
    using OnTimeout = ApproveStep::OnTimeout;
    constexpr OnTimeout kChoices[] = {OnTimeout::kReject, OnTimeout::kApprove, OnTimeout::kFail};
    approve.on_timeout = kChoices[keys.Choice("onTimeout", {"reject", "approve", "fail"}).value_or(0)];
    const YamlNode* on_timeout = keys.node().Find("onTimeout");
    if (on_timeout != nullptr && keys.node().Find("timeout") == nullptr) {
      context_.Error(*on_timeout, "'onTimeout' says what happens after the 'timeout', and there is none; add one");
    }
    keys.Finish();
    step.approve = std::move(approve);
  }

  void ReadGraphStep(YamlMap& map, Step& step) {
    step.kind = StepKind::kGraph;
    step.on_error = ReadOnError(map);
    std::optional<GraphStep> inner = ReadSubgraph(context_, *map.Get("graph"));
    const YamlNode* input = map.Get("input");
    if (!inner) return;
    if (input != nullptr) {
      inner->input = ReadValue(context_, *input);
    } else {
      inner->input.kind = ValueTemplate::Kind::kObject;
      inner->input.position = context_.At(map.node());
    }
    step.graph = std::move(inner);
  }

  void ReadDecompose(YamlMap& map, Step& step) {
    step.kind = StepKind::kDecompose;
    DecomposeStep decompose = graph::ReadDecompose(context_, map, *map.Get("decompose"));
    decompose.timeout_ms = map.DurationMs("timeout").value_or(0);
    decompose.retry = ReadRetry(map);
    step.on_error = ReadOnError(map);
    step.decompose = std::move(decompose);
  }

  std::shared_ptr<const Scope> ReadBody(YamlMap& map, const std::set<std::string>& variables) {
    const std::string what = what_;
    const YamlNode* steps = map.Require("steps", "say what is done");
    const YamlNode* output = map.Get("output");
    if (steps == nullptr) return std::make_shared<Scope>();
    if (depth_ >= kMaxNesting) {
      context_.Error(map.node(), what + " is nested too deep: steps may stand inside of steps " +
                                     std::to_string(kMaxNesting) + " levels deep; flatten it");
      return std::make_shared<Scope>();
    }
    std::set<std::string> names = taken_;
    names.insert(variables.begin(), variables.end());
    return std::make_shared<Scope>(ReadScope(context_, *steps, output, depth_ + 1, names));
  }

  void ReadEach(YamlMap& map, Step& step) {
    step.kind = StepKind::kEach;
    EachStep each;
    const YamlNode& node = *map.Get("each");
    YamlMap keys(node, "'each'", context_.file(), context_.findings);
    keys.Require("max", "say how many items there may be, for example max: 8");
    each.max = static_cast<int>(keys.Integer("max", 1, 10'000).value_or(1));
    each.parallel = static_cast<int>(keys.Integer("parallel", 1, 1'000).value_or(1));
    constexpr OnError kChoices[] = {OnError::kFail, OnError::kKeep, OnError::kDrop};
    step.on_error = kChoices[keys.Choice("onError", {"fail", "keep", "drop"}).value_or(0)];
    const kind::YamlEntry* variable = nullptr;
    for (const auto& entry : node.entries) {
      const bool is_variable = entry.key.text != "max" && entry.key.text != "parallel" && entry.key.text != "onError";
      if (!is_variable) continue;
      if (variable != nullptr) {
        context_.Error(entry.key, "unknown key '" + entry.key.text +
                                      "' in 'each', which goes through one list: " + variable->key.text);
        continue;
      }
      variable = &entry;
    }
    if (variable == nullptr) {
      if (keys.valid())
        context_.Error(node, "'each' names no list; write for example {item: \"{{ steps.parts }}\", max: 8}");
    } else {
      CheckVariable(variable->key);
      each.variable = variable->key.text;
      if (auto items = ReadExpression(context_, variable->value, "'" + each.variable + "'"))
        each.items = std::move(*items);
    }
    keys.ReportMissing();
    each.body = ReadBody(map, {each.variable});
    step.each = std::move(each);
  }

  void CheckVariable(const YamlNode& key) {
    if (!kind::IsIdentifier(key.text)) {
      context_.Error(key, "'" + key.text + "' is no name for an item; use letters, digits and underscores");
    } else if (std::find(kReserved.begin(), kReserved.end(), key.text) != kReserved.end()) {
      context_.Error(key, "'" + key.text + "' has a meaning of its own; choose another name for the item");
    } else if (taken_.contains(key.text)) {
      context_.Error(key, "'" + key.text + "' is the name of a step or variable already; choose another name");
    }
  }

  void ReadRepeat(YamlMap& map, Step& step) {
    step.kind = StepKind::kRepeat;
    RepeatStep repeat;
    step.on_error = ReadOnError(map);
    YamlMap keys(*map.Get("repeat"), "'repeat'", context_.file(), context_.findings);
    if (const YamlNode* until = keys.Require("until", "say when it is enough")) {
      if (auto expression = ReadExpression(context_, *until, "'until'")) repeat.until = std::move(*expression);
    }
    keys.Require("max", "say how many turns at most, for example max: 3");
    repeat.max = static_cast<int>(keys.Integer("max", 1, 100).value_or(1));
    repeat.on_exhausted = keys.Choice("onExhausted", {"fail", "keep"}).value_or(0) == 1
                              ? RepeatStep::OnExhausted::kKeep
                              : RepeatStep::OnExhausted::kFail;
    keys.Finish();
    repeat.body = ReadBody(map, {});
    // it would name steps that could not be read
    if (repeat.body->steps.empty()) repeat.until = {};
    if (repeat.until.text != nullptr) CheckChanges(*repeat.until.text, *keys.node().Find("until"), *repeat.body);
    step.repeat = std::move(repeat);
  }

  // What no turn changes is as true after the last turn as after the first.
  void CheckChanges(const text::Template& until, const YamlNode& node, const Scope& turn) {
    for (const std::string& reference : until.References()) {
      if (reference == "previous" || reference.starts_with("previous.")) return;
      for (const Step& step : turn.steps) {
        const std::string name = "steps." + step.name;
        if (reference == name || reference.starts_with(name + ".")) return;
      }
    }
    context_.Error(node, "'until' looks at nothing that a turn changes; name a step of the turn, such as steps." +
                             turn.steps.back().name);
  }

  ParseContext& context_;
  const int depth_;
  std::set<std::string> taken_;
  std::vector<std::string> names_;
  // "step 'draft'", the one being read.
  std::string what_;
};

}  // namespace

Scope ReadScope(ParseContext& context, const YamlNode& steps, const YamlNode* output, int depth,
                const std::set<std::string>& outer) {
  return ScopeReader(context, depth, outer).Read(steps, output);
}

}  // namespace troupe::graph
