#include <functional>

#include "router/graph/draw.h"
#include "router/graph/outline.h"

namespace troupe::graph {
namespace {

// Both languages want quotes and backslashes out of the way; Mermaid knows them as entities only.
std::string Quote(const std::string& text, const char* quote) {
  std::string quoted;
  for (char c : text) {
    if (c == '"') {
      quoted += quote;
    } else if (c == '\\') {
      quoted += "/";
    } else {
      quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return quoted;
}

std::string Label(const Graph& graph, const Step& step, const char* quote, const char* line_break) {
  std::string label = step.name + line_break + Quote(Summary(graph, step), quote);
  for (const auto& line : Details(step)) label += line_break + Quote(line, quote);
  return label;
}

std::string IdOf(const std::string& prefix, const Step& step) { return prefix + step.name; }

// A step inside that an arrow can start from or end at: DOT has no arrows between clusters themselves.
std::string Anchor(const std::string& prefix, const Step& step) {
  const Scope* body = StepsInside(step);
  if (body == nullptr || body->steps.empty()) return IdOf(prefix, step);
  return Anchor(IdOf(prefix, step) + "__", body->steps.front());
}

void DotScope(const Graph& graph, const Scope& scope, const std::string& prefix, std::string& out) {
  for (const auto& step : scope.steps) {
    const std::string id = IdOf(prefix, step);
    const std::string label = Label(graph, step, "\\\"", "\\n");
    if (const Scope* body = StepsInside(step)) {
      out += "subgraph \"cluster_" + id + "\" {\nlabel=\"" + label + "\";\n";
      DotScope(graph, *body, id + "__", out);
      out += "}\n";
    } else {
      out += "\"" + id + "\" [label=\"" + label + "\"];\n";
    }
  }
  for (const auto& step : scope.steps) {
    for (int other : step.waits_for) {
      const Step& from = scope.steps[other];
      out += "\"" + Anchor(prefix, from) + "\" -> \"" + Anchor(prefix, step) + "\"";
      std::string ends;
      if (StepsInside(from)) ends += "ltail=\"cluster_" + IdOf(prefix, from) + "\" ";
      if (StepsInside(step)) ends += "lhead=\"cluster_" + IdOf(prefix, step) + "\"";
      out += (ends.empty() ? "" : " [" + ends + "]") + ";\n";
    }
  }
}

void MermaidScope(const Graph& graph, const Scope& scope, const std::string& prefix, std::string& out) {
  for (const auto& step : scope.steps) {
    const std::string id = IdOf(prefix, step);
    const std::string label = Label(graph, step, "#quot;", "<br/>");
    if (const Scope* body = StepsInside(step)) {
      out += "subgraph " + id + "[\"" + label + "\"]\n";
      MermaidScope(graph, *body, id + "__", out);
      out += "end\n";
    } else {
      out += id + "[\"" + label + "\"]\n";
    }
  }
  for (const auto& step : scope.steps) {
    for (int other : step.waits_for) {
      out += IdOf(prefix, scope.steps[other]) + " --> " + IdOf(prefix, step) + "\n";
    }
  }
}

}  // namespace

std::string ToDot(const Graph& graph) {
  std::string out = "digraph \"" + graph.name + "\" {\ncompound=true;\nnode [shape=box, style=rounded];\n";
  DotScope(graph, graph.root, "s_", out);
  return out + "}\n";
}

std::string ToMermaid(const Graph& graph) {
  std::string out = "flowchart TD\n";
  // the prefix keeps names such as "end" from being read as Mermaid's own words
  MermaidScope(graph, graph.root, "s_", out);
  return out;
}

}  // namespace troupe::graph
