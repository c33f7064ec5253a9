// Graph files: parsed, linted and drawn, and where one is taken as right a task is played on it, with answers that have
// nothing to do with what its kinds promise.
#include "router/core/core.h"
#include "router/graph/draw.h"
#include "router/graph/lint.h"
#include "router/graph/parse.h"
#include "router/graph/resolve.h"
#include "router/graph/worst_case.h"
#include "tests/fuzz/files.h"
#include "tests/fuzz/target.h"

namespace troupe::fuzz {
namespace {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds = FilesBelow("tests/unit/graph/good", ".yaml");
  for (const char* folder : {"tests/unit/graph/bad", "deploy/graphs", "tests/integration/graphs"}) {
    for (std::string& seed : FilesBelow(folder, ".yaml")) seeds.push_back(std::move(seed));
  }
  return seeds;
}

std::vector<std::string> Words() {
  return {"{{ ",
          " }}",
          "{{ input.text }}",
          "{{ steps.",
          "{% if ",
          "each: ",
          "repeat: ",
          "decompose: ",
          "approve: ",
          "graph: ",
          "agent: ",
          "when: ",
          "until: ",
          "max: ",
          "parallel: ",
          "onError: keep",
          "onError: drop",
          "retry: {max: 2}",
          "fallback: ",
          "teach: {agent: a, below: 0.5}",
          "timeout: 1s",
          "asks: {",
          "by: windows",
          "by: list",
          "by: planner",
          "size: 1",
          "overlap: ",
          "after: [",
          "output: ",
          "input: ",
          "kind: scripted",
          "kind: generate",
          "\n  ",
          "\n    ",
          "- ",
          "&a ",
          "*a",
          "!!str ",
          "|\n",
          "null",
          "1e999",
          "\t",
          "'",
          "\"",
          "\xff",
          "{file: draft.j2, with: {}}",
          "spec:\n"};
}

// Inputs that fit the declared types, roughly.
Value InputFor(const kind::Type& type, int depth) {
  using Kind = kind::Type::Kind;
  if (type.kind == Kind::kInteger || type.kind == Kind::kNumber) return 1;
  if (type.kind == Kind::kBoolean) return true;
  if (type.kind == Kind::kString) return type.choices.empty() ? "- one\n- two" : type.choices.front();
  if (depth == 0) return nullptr;
  if (type.kind == Kind::kList) return Value::array({InputFor(*type.item, depth - 1)});
  Value object = Value::object();
  for (const kind::Field& field : type.fields) object[field.name] = InputFor(field.type, depth - 1);
  return object;
}

// Ends every step in turn: every third one fails.
std::optional<std::string> Play(const graph::Graph& graph) {
  constexpr int kMostEvents = 60;
  core::TaskState state;
  core::TaskState folded;
  core::Event event = core::Accepted{.graph = graph.name, .input = InputFor(graph.input, 4), .limits = {.tokens = 500}};
  for (int i = 0; i < kMostEvents && state.status == core::TaskStatus::kRunning; ++i) {
    const auto record = core::Decide(graph, state, std::move(event), 1000 + i);
    if (record && !core::Fold(folded, *record)) return "a record that was decided cannot be folded";
    const auto pending = core::PendingWork(state);
    if (pending.empty()) break;
    const core::Attempt& attempt = *pending.front().attempt;
    if (i % 3 == 2) {
      event = core::StepFailed{.path = pending.front().path, .attempt = attempt.attempt, .error = Unavailable("gone")};
    } else {
      Value output = {{"text", "text"}, {"label", "ok"}, {"items", Value::array({1, "two", nullptr})}, {"skill", "x"}};
      event = core::StepDone{
          .path = pending.front().path, .attempt = attempt.attempt, .output = i % 5 == 4 ? Value("odd") : output};
    }
  }
  if (!(state == folded)) return "the records do not give the state";
  return std::nullopt;
}

std::optional<std::string> Take(const std::string& input) {
  const graph::Parsed parsed = graph::ParseGraph({.yaml = input, .file_name = "x.yaml"});
  for (const auto& finding : parsed.findings) {
    if (finding.message.empty()) return "a finding that says nothing";
  }
  if (parsed.graph == nullptr) {
    const bool says_why = parsed.findings.empty();
    return says_why ? std::optional<std::string>("refused without a reason") : std::nullopt;
  }
  const graph::Graph& graph = *parsed.graph;
  const graph::WorstCase worst = graph::WorstCaseOf(graph);
  if (worst.calls < 0 || worst.tokens < 0 || worst.time_ms < 0) return "a worst case below nothing";
  (void)graph::Lint(graph, graph::FilesMust::kBeNamed);
  (void)graph::Resolve(graph);
  (void)graph::ToDot(graph);
  (void)graph::ToMermaid(graph);
  (void)graph::ToSvg(graph);
  return Play(graph);
}

}  // namespace

const Target kGraphTarget = {.name = "graph",
                             .what = "graph files: parse, lint, draw, play a task",
                             .seeds = Seeds,
                             .words = Words,
                             .take = Take};

}  // namespace troupe::fuzz
