// References, types and order: what each expression names must be there, be of the right type and be known in time.
#include <algorithm>
#include <functional>
#include <utility>

#include "router/graph/context.h"
#include "router/graph/outline.h"
#include "router/graph/typing.h"
#include "router/graph/worst_case.h"
#include "runtime/kind/suggest.h"

namespace troupe::graph {
namespace {

using kind::Type;

class ScopeChecker {
 public:
  ScopeChecker(ParseContext& context, Scope& scope, View& view) : context_(context), scope_(scope), view_(view) {}

  // The type of what the scope gives.
  Type Check() {
    view_.types.assign(scope_.steps.size(), std::nullopt);
    for (int index = 0; index < static_cast<int>(scope_.steps.size()); ++index) FindDependencies(index);
    for (int index : Order()) CheckStep(scope_.steps[index], index);
    if (!scope_.output) return Nullable(Type{});
    return TypeOf(context_, *scope_.output, view_);
  }

 private:
  // Which siblings the step refers to, by itself or by the steps inside of it.
  void FindDependencies(int index) {
    Step& step = scope_.steps[index];
    ForEachTemplate(step, [&](const text::Template& text, const Position& position) {
      for (const auto& reference : text.References()) {
        auto path = SplitPath(reference);
        if (path.size() < 2 || path[0] != "steps") continue;
        for (int other = 0; other < static_cast<int>(scope_.steps.size()); ++other) {
          if (scope_.steps[other].name != path[1]) continue;
          if (other == index && (step.each || step.repeat)) {
            context_.Error(PlaceOfReference(context_, position, text, reference),
                           "'" + reference + "' refers to the step that this stands in; it has no output yet" +
                               (step.kind == StepKind::kRepeat ? " (the turn before's is 'previous')" : ""));
          } else if (std::find(step.waits_for.begin(), step.waits_for.end(), other) == step.waits_for.end()) {
            step.waits_for.push_back(other);
          }
        }
      }
    });
    std::sort(step.waits_for.begin(), step.waits_for.end());
  }

  // Steps in an order in which each comes after those it waits for; those of a cycle last, after a finding.
  std::vector<int> Order() {
    enum class Mark { kNew, kOpen, kDone };
    std::vector<Mark> marks(scope_.steps.size(), Mark::kNew);
    std::vector<int> order;
    std::vector<int> open;
    std::function<void(int)> visit = [&](int index) {
      if (marks[index] == Mark::kDone) return;
      if (marks[index] == Mark::kOpen) {
        ReportCycle(std::vector<int>(std::find(open.begin(), open.end(), index), open.end()));
        return;
      }
      marks[index] = Mark::kOpen;
      open.push_back(index);
      for (int other : scope_.steps[index].waits_for) visit(other);
      open.pop_back();
      marks[index] = Mark::kDone;
      order.push_back(index);
    };
    for (int index = 0; index < static_cast<int>(scope_.steps.size()); ++index) visit(index);
    return order;
  }

  void ReportCycle(std::vector<int> cycle) {
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    std::string text;
    for (int index : cycle) text += "'" + scope_.steps[index].name + "' waits for ";
    const Step& first = scope_.steps[cycle[0]];
    context_.Error(first.position,
                   "a cycle: " + text + "'" + first.name + "'; none of them could start, take one reference out");
  }

  void CheckStep(Step& step, int index) {
    if (step.when) TypeOf(context_, *step.when, view_);
    switch (step.kind) {
      case StepKind::kAgent:
        if (step.agent) CheckAgentStep(*step.agent, step.output_type);
        break;
      case StepKind::kDecompose:
        if (step.decompose) CheckDecompose(*step.decompose, step.output_type);
        break;
      case StepKind::kEach:
        CheckEach(step);
        break;
      case StepKind::kRepeat:
        CheckRepeat(step);
        break;
      case StepKind::kGraph:
        if (step.graph) CheckGraphStep(*step.graph, step.output_type);
        break;
      case StepKind::kApprove:
        if (step.approve) CheckApprove(*step.approve, step.output_type);
        break;
    }
    bool kept = step.on_error == OnError::kKeep && step.kind != StepKind::kEach;
    if (step.when || kept) step.output_type.nullable = true;
    view_.types[index] = step.output_type;
  }

  void CheckAgentStep(const AgentStep& step, Type& output) {
    Type given = TypeOf(context_, step.input, view_);
    if (step.cache) CheckCacheTypes(context_, *step.cache, view_);
    const auto agent = context_.graph.agents.find(step.agent);
    if (agent == context_.graph.agents.end() || agent->second.kind == nullptr) return;
    CheckValue(context_, step.input, agent->second.kind->input, "input of agent '" + step.agent + "'", view_);
    output = agent->second.output_type;
    CheckStandIn(step, agent->second, "fallback", step.fallback, step.input.position);
    if (step.teach) CheckStandIn(step, agent->second, "teacher", step.teach->agent, step.teach->position);
  }

  // Another agent that takes the same input and gives the same output in place of the step's own.
  void CheckStandIn(const AgentStep& step, const Agent& own, const std::string& what, const std::string& name,
                    const Position& at) {
    const auto other = context_.graph.agents.find(name);
    if (other == context_.graph.agents.end() || other->second.kind == nullptr) return;
    if (other->second.kind != own.kind) {
      CheckValue(context_, step.input, other->second.kind->input, "input of " + what + " '" + name + "'", view_);
    }
    if (auto why = Mismatch(other->second.output_type, own.output_type, "output"); !why.empty()) {
      context_.Error(at, what + " '" + name + "' gives something else than agent '" + own.name + "': " + why);
    }
  }

  void CheckDecompose(const DecomposeStep& step, Type& output) {
    if (step.text.text) {
      Type text;
      text.kind = Type::Kind::kString;
      CheckExpression(step.text, text, "'text' of decompose");
    }
    output = PartsType(step);
  }

  void CheckGraphStep(const GraphStep& step, Type& output) {
    CheckValue(context_, step.input, step.input_type, "input of graph '" + step.name + "'", view_);
    output = step.output_type;
  }

  void CheckApprove(const ApproveStep& step, Type& output) {
    Type text;
    text.kind = Type::Kind::kString;
    // a missing one has been reported
    if (step.ask.position.line > 0) CheckValue(context_, step.ask, text, "'ask' of approve", view_);
    if (step.show) TypeOf(context_, *step.show, view_);
    output = VerdictType();
  }

  void CheckExpression(const Expression& expression, const Type& wanted, const std::string& what) {
    Type type = TypeOf(context_, expression, view_);
    if (auto why = Mismatch(type, wanted, what); !why.empty()) context_.Error(expression.position, why);
  }

  void CheckEach(Step& step) {
    EachStep& each = *step.each;
    Type item;
    if (each.items.text) {
      Type list = TypeOf(context_, each.items, view_);
      if (list.kind == Type::Kind::kList) {
        if (list.item) item = *list.item;
      } else if (list.kind != Type::Kind::kAny) {
        context_.Error(each.items.position, "'each' goes through a list, but this gives " + ToString(list));
      }
    }
    Scope body = *each.body;
    View inner{.outer = &view_, .scope = &body, .holder = step.name};
    inner.variables.emplace(each.variable, item);
    Type given = ScopeChecker(context_, body, inner).Check();
    if (step.on_error == OnError::kKeep) given.nullable = true;
    each.body = std::make_shared<const Scope>(std::move(body));
    step.output_type.kind = Type::Kind::kList;
    step.output_type.item = std::make_shared<const Type>(std::move(given));
  }

  void CheckRepeat(Step& step) {
    RepeatStep& repeat = *step.repeat;
    Scope body = *repeat.body;
    View inner{.outer = &view_, .scope = &body, .holder = step.name};
    // the type of the turn before's output is only known once the body is
    inner.variables.emplace("previous", Nullable(Type{}));
    step.output_type = ScopeChecker(context_, body, inner).Check();
    if (repeat.until.text) TypeOf(context_, repeat.until, inner);
    repeat.body = std::make_shared<const Scope>(std::move(body));
  }

  ParseContext& context_;
  Scope& scope_;
  View& view_;
};

// Where device time is limited or costs limited money, every attempt must have an end. The task's own is one, unless
// people are asked: it moves while they are.
void CheckTimeouts(ParseContext& context, const Scope& scope) {
  const Limits& limits = context.graph.limits;
  for (const Step& step : scope.steps) {
    if (const Scope* body = StepsInside(step)) CheckTimeouts(context, *body);
    const auto agent = context.graph.agents.find(AgentOf(step));
    if (agent == context.graph.agents.end() || TimeoutOf(step) > 0) continue;
    const bool costs = limits.money > 0 && HasDevicePrice(agent->second);
    if (limits.device_us == 0 && !costs) continue;
    context.Error(step.position, "step '" + step.name + "' has no timeout, but 'limits' has " +
                                     (costs ? "money" : "deviceSeconds") +
                                     (limits.time_ms == 0 ? " and no time" : " and people are waited for") +
                                     ": what it may cost has no limit; give it a timeout");
  }
}

}  // namespace

void CheckGraph(ParseContext& context) {
  View view{.outer = nullptr, .scope = &context.graph.root};
  context.graph.output = ScopeChecker(context, context.graph.root, view).Check();
  CheckCaches(context);
  CheckTeachers(context);
  // the limits of the outermost graph are those that hold
  const bool has_end = context.graph.limits.time_ms > 0 && !context.graph.asks_people;
  if (context.chain.size() == 1 && !has_end) CheckTimeouts(context, context.graph.root);
}

}  // namespace troupe::graph
