#include "router/graph/sources.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "router/graph/outline.h"
#include "router/graph/typing.h"

namespace troupe::graph {
namespace {

using Fields = std::set<std::string>;

// A scope and those around it, while it is walked.
struct Frame {
  Frame* outer = nullptr;
  const Scope* scope = nullptr;
  // "handle."; empty for the root.
  std::string prefix;
  // Of a graph's scope: what its input's fields are made of. Scopes inside look outwards for it.
  std::optional<std::map<std::string, Fields>> input;
  std::map<std::string, Fields> variables;
  // By step; nothing for those not looked at yet.
  std::vector<std::optional<Fields>> outputs;
};

class Tracer {
 public:
  explicit Tracer(const Graph& graph) {
    Frame root{.scope = &graph.root, .input = std::map<std::string, Fields>()};
    for (const kind::Field& field : graph.input.fields) root.input->emplace(field.name, Fields{field.name});
    Walk(root);
  }
  // Agents' steps by path.
  struct Traced {
    const AgentStep* step = nullptr;
    Sources sources;
  };
  std::map<std::string, Traced> Take() { return std::move(found_); }

 private:
  // What the scope gives.
  Fields Walk(Frame& frame) {
    frame.outputs.resize(frame.scope->steps.size());
    for (size_t i = 0; i < frame.scope->steps.size(); ++i) OutputOf(frame, i);
    return frame.scope->output ? Of(frame, *frame.scope->output) : Fields();
  }

  const Fields& OutputOf(Frame& frame, size_t index) {
    std::optional<Fields>& known = frame.outputs[index];
    if (known) return *known;
    // in a cycle, which is refused elsewhere, it ends here
    known.emplace();
    const Step& step = frame.scope->steps[index];
    Fields out = Inside(frame, step);
    if (step.when) out.merge(Of(frame, *step.when));
    return *(known = std::move(out));
  }

  Fields Inside(Frame& frame, const Step& step) {
    if (step.agent) return OfAgentStep(frame, step);
    if (step.decompose) return Of(frame, step.decompose->text);
    if (step.approve) {
      Fields out = Of(frame, step.approve->ask);
      if (step.approve->show) out.merge(Of(frame, *step.approve->show));
      return out;
    }
    Frame inner{.outer = &frame, .prefix = frame.prefix + step.name + "."};
    if (step.graph) return OfGraph(frame, step, std::move(inner));
    if (step.each) {
      const Fields items = Of(frame, step.each->items);
      inner.scope = step.each->body.get();
      inner.variables.emplace(step.each->variable, items);
      Fields out = Walk(inner);
      out.insert(items.begin(), items.end());
      return out;
    }
    return step.repeat ? OfRepeat(frame, step, inner) : Fields();
  }

  Fields OfAgentStep(Frame& frame, const Step& step) {
    Fields out = Of(frame, step.agent->input);
    if (!step.agent->cache && !step.agent->teach) return out;
    Traced traced{.step = &*step.agent, .sources = {.fields = out}};
    const auto name = [&](const text::Template& text, const Position&) {
      for (const std::string& reference : text.References()) {
        const auto path = SplitPath(reference);
        if (path.size() > 1 && path[0] == "steps") traced.sources.steps.insert(path[1]);
      }
    };
    ForEachTemplate(step.agent->input, name);
    found_[frame.prefix + step.name] = std::move(traced);
    return out;
  }

  // The graph inside sees nothing but its input.
  Fields OfGraph(Frame& frame, const Step& step, Frame inner) {
    inner.outer = nullptr;
    inner.scope = step.graph->body.get();
    inner.input.emplace();
    const ValueTemplate& given = step.graph->input;
    const Fields all = Of(frame, given);
    for (const kind::Field& field : step.graph->input_type.fields) {
      const auto named = given.fields.find(field.name);
      const bool is_apart = given.kind == ValueTemplate::Kind::kObject;
      inner.input->emplace(field.name, !is_apart                     ? all
                                       : named == given.fields.end() ? Fields()
                                                                     : Of(frame, named->second));
    }
    return Walk(inner);
  }

  // A turn sees what the turn before gave, and how many there are depends on `until`.
  Fields OfRepeat(Frame& frame, const Step& step, const Frame& inner) {
    Fields before;
    for (int pass = 0; pass < 2; ++pass) {
      Frame turn = inner;
      turn.outer = &frame;
      turn.scope = step.repeat->body.get();
      turn.variables["previous"] = before;
      before = Walk(turn);
      before.merge(Of(turn, step.repeat->until));
    }
    return before;
  }

  Fields Of(Frame& frame, const ValueTemplate& value) {
    Fields out;
    ForEachTemplate(value, [&](const text::Template& text, const Position&) { Add(frame, text, out); });
    return out;
  }
  Fields Of(Frame& frame, const Expression& expression) {
    Fields out;
    if (expression.text) Add(frame, *expression.text, out);
    return out;
  }

  void Add(Frame& frame, const text::Template& text, Fields& out) {
    for (const std::string& reference : text.References()) {
      const auto path = SplitPath(reference);
      const std::string second = path.size() > 1 ? path[1] : "";
      for (Frame* scope = &frame; scope != nullptr; scope = scope->outer) {
        if (path[0] == "input" && scope->input) {
          AddInput(*scope->input, second, out);
          break;
        }
        const auto variable = scope->variables.find(path[0]);
        if (variable != scope->variables.end()) {
          out.insert(variable->second.begin(), variable->second.end());
          break;
        }
        const auto& steps = scope->scope->steps;
        const auto step = std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.name == second; });
        if (path[0] != "steps" || step == steps.end()) continue;
        // its own scope's steps may not have been walked yet
        scope->outputs.resize(steps.size());
        const Fields& given = OutputOf(*scope, static_cast<size_t>(step - steps.begin()));
        out.insert(given.begin(), given.end());
        break;
      }
    }
  }

  static void AddInput(const std::map<std::string, Fields>& input, const std::string& name, Fields& out) {
    const auto named = input.find(name);
    for (const auto& [field, fields] : input) {
      if (named == input.end() || field == name) out.insert(fields.begin(), fields.end());
    }
  }

  std::map<std::string, Traced> found_;
};

bool HoldsPrivate(const kind::Field& field) {
  if (field.is_private) return true;
  const auto any = [](const kind::Type& type) {
    return std::any_of(type.fields.begin(), type.fields.end(), HoldsPrivate);
  };
  return any(field.type) || (field.type.item && any(*field.type.item));
}

const char* JudgeName(CacheRule::Judge judge) {
  switch (judge) {
    case CacheRule::Judge::kEqual:
      return "equal";
    case CacheRule::Judge::kAlike:
      return "alike";
    case CacheRule::Judge::kPeople:
      break;
  }
  return "people";
}

std::string Kept(const CacheRule& rule) {
  std::string text = "are kept for " + ShortTime(rule.ttl_ms);
  if (rule.stale_ms > 0) text += ", for " + ShortTime(rule.stale_ms) + " more while a new one is made,";
  text += rule.user ? " for each user apart (" + Bare(*rule.user) + ")" : " and shared by everybody";
  return text;
}

}  // namespace

std::map<std::string, CachedStep> CachedSteps(const Graph& graph) {
  std::map<std::string, CachedStep> steps;
  for (auto& [path, traced] : Tracer(graph).Take()) {
    if (traced.step->cache) steps[path] = {.rule = &*traced.step->cache, .sources = std::move(traced.sources)};
  }
  return steps;
}

std::map<std::string, TaughtStep> TaughtSteps(const Graph& graph) {
  std::map<std::string, TaughtStep> steps;
  for (auto& [path, traced] : Tracer(graph).Take()) {
    if (traced.step->teach) steps[path] = {.step = traced.step, .sources = std::move(traced.sources)};
  }
  return steps;
}

std::string ToString(const Sources& sources) {
  std::string text;
  for (const std::string& field : sources.fields) text += (text.empty() ? "input." : ", input.") + field;
  if (text.empty()) text = "no field of the input";
  const char* before = ", by way of steps.";
  for (const std::string& step : sources.steps) {
    text += before + step;
    before = ", steps.";
  }
  return text;
}

std::vector<std::string> PrivateAmong(const Graph& graph, const std::set<std::string>& fields) {
  std::vector<std::string> out;
  for (const kind::Field& field : graph.input.fields) {
    if (fields.contains(field.name) && HoldsPrivate(field)) out.push_back(field.name);
  }
  return out;
}

std::vector<CacheNote> CacheNotes(const Graph& graph) {
  std::vector<CacheNote> notes;
  for (const auto& [path, cached] : CachedSteps(graph)) {
    std::string text =
        "answers of step '" + path + "' " + Kept(*cached.rule) + "; they depend on " + ToString(cached.sources);
    if (cached.rule->semantic)
      text += "; also given to questions that mean the same as " + Bare(cached.rule->semantic->text) +
              " (judge: " + JudgeName(cached.rule->semantic->judge) + ")";
    notes.push_back({cached.rule->position, std::move(text)});
  }
  if (graph.cache) {
    notes.push_back({graph.cache->position,
                     "answers of the whole graph " + Kept(*graph.cache) + "; they depend on all of the input"});
  }
  return notes;
}

}  // namespace troupe::graph
