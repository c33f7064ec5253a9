#include "tests/unit/core/graph_builder.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

namespace troupe::core::testing {
namespace {

using References = std::set<std::string>;

std::shared_ptr<const text::Template> Compile(const std::string& source) {
  auto compiled = text::Template::Compile("test", source);
  if (!compiled) {
    std::fprintf(stderr, "template '%s': %s\n", source.c_str(), ToString(compiled.error()).c_str());
    std::abort();
  }
  return std::make_shared<const text::Template>(std::move(*compiled));
}

void Collect(const text::Template& text, References& names) {
  for (const std::string& reference : text.References()) {
    if (!reference.starts_with("steps.")) continue;
    const size_t end = reference.find('.', 6);
    names.insert(reference.substr(6, end == std::string::npos ? end : end - 6));
  }
}

void Collect(const graph::ValueTemplate& value, References& names) {
  if (value.kind == graph::ValueTemplate::Kind::kTemplate) Collect(*value.text, names);
  for (const auto& [name, field] : value.fields) Collect(field, names);
  for (const auto& item : value.items) Collect(item, names);
}

void Collect(const graph::Step& step, References& names) {
  const auto collect_scope = [&names](const graph::Scope& scope) {
    for (const graph::Step& inner : scope.steps) Collect(inner, names);
    if (scope.output) Collect(*scope.output, names);
  };
  if (step.when) Collect(*step.when->text, names);
  if (step.agent) Collect(step.agent->input, names);
  if (step.decompose) Collect(*step.decompose->text.text, names);
  if (step.graph) Collect(step.graph->input, names);
  if (step.approve) Collect(step.approve->ask, names);
  if (step.approve && step.approve->show) Collect(*step.approve->show, names);
  if (step.each) {
    Collect(*step.each->items.text, names);
    collect_scope(*step.each->body);
  }
  if (step.repeat) {
    Collect(*step.repeat->until.text, names);
    collect_scope(*step.repeat->body);
  }
}

// Fills in waits_for; what a test has put there by hand (`after`) stays.
void Link(graph::Scope& scope) {
  for (size_t i = 0; i < scope.steps.size(); ++i) {
    References names;
    Collect(scope.steps[i], names);
    auto& waits_for = scope.steps[i].waits_for;
    for (size_t j = 0; j < scope.steps.size(); ++j) {
      const bool is_there = std::find(waits_for.begin(), waits_for.end(), j) != waits_for.end();
      if (j != i && !is_there && names.contains(scope.steps[j].name)) waits_for.push_back(static_cast<int>(j));
    }
  }
}

void AddAgents(const graph::Scope& scope, graph::Graph& graph) {
  const auto add = [&graph](const std::string& name) {
    if (!name.empty()) graph.agents[name].name = name;
  };
  for (const graph::Step& step : scope.steps) {
    if (step.agent) add(step.agent->agent);
    if (step.agent) add(step.agent->fallback);
    if (step.agent && step.agent->teach) add(step.agent->teach->agent);
    if (step.decompose) add(step.decompose->agent);
    if (step.each) AddAgents(*step.each->body, graph);
    if (step.repeat) AddAgents(*step.repeat->body, graph);
    if (step.graph) AddAgents(*step.graph->body, graph);
  }
}

}  // namespace

graph::ValueTemplate Template(const Value& value) {
  using Kind = graph::ValueTemplate::Kind;
  graph::ValueTemplate result;
  if (value.is_string() && value.get_ref<const std::string&>().find("{{") != std::string::npos) {
    result.kind = Kind::kTemplate;
    result.text = Compile(value.get<std::string>());
  } else if (value.is_object() && !value.empty()) {
    result.kind = Kind::kObject;
    for (const auto& [name, field] : value.items()) result.fields[name] = Template(field);
  } else if (value.is_array() && !value.empty()) {
    result.kind = Kind::kList;
    for (const auto& item : value) result.items.push_back(Template(item));
  } else {
    result.literal = value;
  }
  return result;
}

graph::Expression Expression(const std::string& text) {
  return {.text = Compile(text), .position = {.file = "test.yaml", .line = 7, .column = 3}};
}

graph::Step Call(std::string name, std::string agent, const Value& input) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kAgent;
  step.agent.emplace();
  step.agent->agent = std::move(agent);
  step.agent->input = Template(input);
  return step;
}

graph::Step Decompose(std::string name, std::string agent, const std::string& text) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kDecompose;
  step.decompose.emplace();
  step.decompose->agent = std::move(agent);
  step.decompose->text = Expression(text);
  return step;
}

graph::Step Approve(std::string name, const std::string& ask) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kApprove;
  step.approve.emplace();
  step.approve->ask = Template(ask);
  return step;
}

graph::Step Subgraph(std::string name, const Value& input, graph::Scope body) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kGraph;
  step.graph.emplace();
  step.graph->input = Template(input);
  step.graph->body = std::make_shared<const graph::Scope>(std::move(body));
  return step;
}

graph::Scope Body(std::vector<graph::Step> steps, const Value& output) {
  graph::Scope scope{.steps = std::move(steps)};
  if (!output.is_null()) scope.output = Template(output);
  Link(scope);
  return scope;
}

graph::Step Each(std::string name, std::string variable, const std::string& items, graph::Scope body) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kEach;
  step.each = graph::EachStep{.variable = std::move(variable),
                              .items = Expression(items),
                              .max = 8,
                              .parallel = 2,
                              .body = std::make_shared<const graph::Scope>(std::move(body))};
  return step;
}

graph::Step Repeat(std::string name, const std::string& until, int max, graph::Scope body) {
  graph::Step step;
  step.name = std::move(name);
  step.kind = graph::StepKind::kRepeat;
  step.repeat = graph::RepeatStep{
      .until = Expression(until), .max = max, .body = std::make_shared<const graph::Scope>(std::move(body))};
  return step;
}

graph::Graph MakeGraph(std::vector<graph::Step> steps, const Value& output) {
  graph::Graph graph;
  graph.name = "test";
  graph.root = Body(std::move(steps), output);
  AddAgents(graph.root, graph);
  return graph;
}

}  // namespace troupe::core::testing
