// Graphs for tests, built in a few words: strings with braces become templates, and what a step refers to is what it
// waits for, as the parser of graph files does it.
#pragma once

#include <string>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::core::testing {

// A value that may hold expressions: {"text": "{{ input.text }}"}.
graph::ValueTemplate Template(const Value& value);
graph::Expression Expression(const std::string& text);

graph::Step Call(std::string name, std::string agent, const Value& input = Value::object());
graph::Step Decompose(std::string name, std::string agent, const std::string& text);
// `ask` may hold expressions. Waits as long as it takes.
graph::Step Approve(std::string name, const std::string& ask);
// Takes any input.
graph::Step Subgraph(std::string name, const Value& input, graph::Scope body);
graph::Scope Body(std::vector<graph::Step> steps, const Value& output = nullptr);
graph::Step Each(std::string name, std::string variable, const std::string& items, graph::Scope body);
graph::Step Repeat(std::string name, const std::string& until, int max, graph::Scope body);

// Agents are those that the steps name. `output` null: none.
graph::Graph MakeGraph(std::vector<graph::Step> steps, const Value& output = nullptr);

}  // namespace troupe::core::testing
