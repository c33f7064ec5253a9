#include "tests/sim/graph_maker.h"

#include <utility>

#include "tests/sim/agents.h"
#include "tests/unit/core/graph_builder.h"

namespace troupe::sim {
namespace {

namespace build = core::testing;

// The agent that generates, and costs tokens.
const std::string kWriter = "writer";

// A step that later ones may refer to.
struct Known {
  std::string name;
  // Its output is surely an agent's, never none: its fields may be named.
  bool has_fields = false;
  // Its output is surely a list of parts.
  bool is_list = false;
};

class Maker {
 public:
  Maker(Chance& chance, graph::Graph& graph) : chance_(chance), graph_(graph) {}

  graph::Scope MakeScope(int depth, std::vector<Known> known, const std::vector<std::string>& variables) {
    std::vector<graph::Step> steps;
    const size_t outer = known.size();
    const int64_t count = chance_.Between(1, depth == 0 ? 5 : 3);
    for (int64_t i = 0; i < count; ++i) {
      steps.push_back(MakeStep(depth, known, variables));
      if (i > 0 && chance_.OneIn(8)) steps.back().waits_for.push_back(static_cast<int>(chance_.Between(0, i - 1)));
      const graph::Step& step = steps.back();
      const bool is_sure = !step.when && step.on_error == graph::OnError::kFail;
      known.push_back({step.name, is_sure && step.agent.has_value(),
                       is_sure && step.decompose.has_value() && step.decompose->agent.empty()});
    }
    Value output = nullptr;
    if (!chance_.OneIn(4)) {
      const auto& shown = known[outer + static_cast<size_t>(chance_.Between(0, count - 1))];
      output = Value{{"shown", "{{ steps." + shown.name + " }}"}};
    }
    return build::Body(std::move(steps), output);
  }

 private:
  graph::Step MakeStep(int depth, const std::vector<Known>& known, const std::vector<std::string>& variables) {
    const int64_t kind = depth < 2 ? chance_.Between(1, 100) : chance_.Between(1, 71);
    const std::string name = std::string("s") + std::to_string(++names_);
    graph::Step step = kind <= 56   ? MakeCall(name, known, variables)
                       : kind <= 66 ? MakeApprove(name, known)
                       : kind <= 71 ? MakeDecompose(name)
                       : kind <= 75 ? MakeSubgraph(name, depth, known)
                       : kind <= 90 ? MakeEach(name, depth, known, variables)
                                    : MakeRepeat(name, depth, known, variables);
    if (chance_.Percent(15)) step.when = build::Expression(Condition(known));
    if (chance_.Percent(30)) step.on_error = graph::OnError::kKeep;
    if (step.each && chance_.Percent(20)) step.on_error = graph::OnError::kDrop;
    return step;
  }

  graph::Step MakeCall(const std::string& name, const std::vector<Known>& known,
                       const std::vector<std::string>& variables) {
    Value input = {{"q", "{{ input.text }}"}, {"step", name}};
    for (int64_t i = chance_.Between(0, 2); i > 0 && !known.empty(); --i) {
      const Known& other = Any(known);
      input[std::string("r") + std::to_string(i)] =
          "{{ steps." + other.name + (other.has_fields ? ".text" : "") + " }}";
    }
    if (!variables.empty() && chance_.OneIn(2)) input["v"] = "{{ " + Any(variables) + " }}";
    graph::Step step = build::Call(name, AnyAgent(), input);
    step.agent->retry = {
        .max = static_cast<int>(chance_.Between(0, 3)), .backoff_ms = chance_.Between(10, 200), .max_backoff_ms = 400};
    if (chance_.Percent(40)) step.agent->fallback = AnyAgent();
    if (chance_.Percent(40)) Teach(*step.agent);
    if (chance_.Percent(25)) step.agent->timeout_ms = chance_.Between(20, 400);
    const bool asks = !graph_.agents.at(step.agent->agent).asks.empty();
    if (!asks && chance_.Percent(75)) step.agent->hedge_percent = 100;
    return step;
  }

  void Teach(graph::AgentStep& step) {
    const std::string& teacher = AnyAgent();
    if (teacher == step.agent) return;
    step.teach = {.agent = teacher, .below = 0.5, .confidence = "score"};
    if (chance_.OneIn(2)) step.teach->timeout_ms = chance_.Between(20, 400);
    if (chance_.OneIn(2)) step.teach->check = static_cast<double>(chance_.Between(1, 100)) / 100;
  }

  graph::Step MakeDecompose(const std::string& name) {
    using By = graph::DecomposeStep::By;
    constexpr By kAll[] = {By::kMeaning, By::kList, By::kWindows, By::kPlanner};
    const By by = kAll[chance_.Between(0, 3)];
    // Lists that skills are looked for in need an agent too.
    const bool is_alone = by == By::kWindows || (by == By::kList && chance_.OneIn(2));
    const std::string agent = is_alone ? "" : by == By::kPlanner ? kWriter : AnyAgent();
    graph::Step step = build::Decompose(name, agent, "{{ input.text }}");
    step.decompose->by = by;
    step.decompose->max = static_cast<int>(chance_.Between(1, 4));
    step.decompose->size = chance_.Between(4, 12);
    step.decompose->overlap = chance_.Between(0, 2);
    if (chance_.OneIn(3)) step.decompose->timeout_ms = chance_.Between(20, 400);
    step.decompose->retry = {.max = static_cast<int>(chance_.Between(0, 2)), .backoff_ms = 20, .max_backoff_ms = 100};
    return step;
  }

  graph::Step MakeApprove(const std::string& name, const std::vector<Known>& known) {
    graph_.asks_people = true;
    graph::Step step = build::Approve(name, "go on with {{ input.text }}?");
    if (!known.empty()) step.approve->show = build::Template({{"shown", "{{ steps." + Any(known).name + " }}"}});
    if (chance_.OneIn(3)) return step;
    step.approve->timeout_ms = chance_.Between(1, 400);
    using OnTimeout = graph::ApproveStep::OnTimeout;
    constexpr OnTimeout kAll[] = {OnTimeout::kReject, OnTimeout::kApprove, OnTimeout::kFail};
    step.approve->on_timeout = kAll[chance_.Between(0, 2)];
    return step;
  }

  // Nothing of what is around it is seen inside but what it is given.
  graph::Step MakeSubgraph(const std::string& name, int depth, const std::vector<Known>& known) {
    std::string parts = "{{ input.parts }}";
    if (!known.empty() && known.front().has_fields) parts = "{{ steps." + known.front().name + ".items }}";
    return build::Subgraph(name,
                           {{"text", "{{ input.text }} for " + name}, {"flag", "{{ input.flag }}"}, {"parts", parts}},
                           MakeScope(depth + 1, {}, {}));
  }

  graph::Step MakeEach(const std::string& name, int depth, const std::vector<Known>& known,
                       std::vector<std::string> variables) {
    std::string items = "{{ input.parts }}";
    const bool wants_fields = !known.empty() && Any(known).has_fields;
    for (const Known& other : known) {
      if (other.has_fields && wants_fields) items = "{{ steps." + other.name + ".items }}";
      if (other.is_list && chance_.OneIn(2)) items = "{{ steps." + other.name + " }}";
    }
    const std::string variable = std::string("p") + std::to_string(++names_);
    variables.push_back(variable);
    graph::Step step = build::Each(name, variable, items, MakeScope(depth + 1, known, variables));
    step.each->max = chance_.OneIn(10) ? 3 : 4;
    step.each->parallel = static_cast<int>(chance_.Between(1, 3));
    return step;
  }

  graph::Step MakeRepeat(const std::string& name, int depth, const std::vector<Known>& known,
                         std::vector<std::string> variables) {
    variables.push_back("previous");
    graph::Scope body = MakeScope(depth + 1, known, variables);
    std::vector<Known> inside;
    for (const graph::Step& step : body.steps) {
      const bool is_sure = !step.when && step.on_error == graph::OnError::kFail;
      inside.push_back({step.name, is_sure && step.agent.has_value()});
    }
    const std::string until = Condition(inside);
    graph::Step step = build::Repeat(name, until, static_cast<int>(chance_.Between(1, 3)), std::move(body));
    if (!chance_.OneIn(4)) step.repeat->on_exhausted = graph::RepeatStep::OnExhausted::kKeep;
    return step;
  }

  std::string Condition(const std::vector<Known>& known) {
    for (const Known& other : known) {
      if (other.has_fields && chance_.OneIn(2)) return "{{ steps." + other.name + ".label == 'ok' }}";
    }
    return "{{ input.flag }}";
  }

  template <typename T>
  const T& Any(const std::vector<T>& values) {
    return values[static_cast<size_t>(chance_.Between(0, static_cast<int64_t>(values.size()) - 1))];
  }
  const std::string& AnyAgent() { return Any(AgentNames()); }

  Chance& chance_;
  // Its agents are there already.
  graph::Graph& graph_;
  int names_ = 0;
};

}  // namespace

const std::vector<std::string>& AgentNames() {
  static const std::vector<std::string> names = {"clerk", "reader", kWriter};
  return names;
}

graph::Graph MakeRandomGraph(Chance& chance, const std::string& name) {
  graph::Graph graph;
  graph.name = name;
  for (const std::string& agent : AgentNames()) {
    graph.agents[agent].name = agent;
    graph.agents[agent].max_tokens = agent == kWriter ? kMaxTokens : 0;
    graph.agents[agent].price.token = agent == kWriter ? 3 : 0;
  }
  // Downwards only, in every graph: those who ask hold a place while they wait.
  if (chance.OneIn(2)) graph.agents["writer"].asks["clerk"] = static_cast<int>(chance.Between(1, 2));
  if (chance.OneIn(2)) graph.agents["writer"].asks["reader"] = 1;
  if (chance.OneIn(3)) graph.agents["clerk"].asks["reader"] = 1;
  graph.root = Maker(chance, graph).MakeScope(0, {}, {});
  return graph;
}

Value MakeRandomInput(Chance& chance) {
  Value parts = Value::array();
  for (int64_t i = chance.Between(0, 4); i > 0; --i) parts.push_back({{"text", "part"}, {"flag", chance.OneIn(2)}});
  std::string text = std::string("hello ") + std::to_string(chance.Between(0, 99));
  for (int64_t i = chance.Between(0, 3); i > 0; --i) text += "\n- item " + std::to_string(i);
  return {{"text", std::move(text)}, {"flag", chance.OneIn(2)}, {"parts", std::move(parts)}};
}

}  // namespace troupe::sim
