// A file of cases for a graph, as plain data: what each hands in, who stands in for which agent, and what is expected
// of the route, the output and the cost. Made by ReadSuite (read_suite.cc), never changed afterwards.
//
//   apiVersion: troupe.dev/v1
//   kind: GraphTest
//   agents:                        # stand-ins for all cases; who is not named here or in a case is real
//     judge: {output: {label: ok}}
//   cases:
//     - name: a late parcel
//       input: {message: Where is order 3312?}
//       agents:
//         reader: {parts: [{text: Where is order 3312?, skill: delivery}]}
//         writer:                  # the first rule that fits an input speaks
//           - {when: {step: draft, contains: "3312"}, text: We are tracing it., delay: 20ms, tokens: 5}
//           - {when: {attempt: 1}, error: {code: UNAVAILABLE, message: busy}, times: 1}
//         clerk: real
//       decide:                    # in people's place, as soon as an 'approve' step asks; [*] stands for every round
//         "handle[*].sign_off": {approve: true, by: ann, note: fine}
//       timeout: 20s
//       expect:
//         state: done              # done (unless said otherwise), failed, cancelled
//         error: {code: UNAVAILABLE, step: handle, contains: busy}
//         route:
//           run: [parts, "handle[0].facts"]        # [*] stands for every round
//           skipped: []
//           failed: []
//           notRun: []
//           attempts: {"handle[0].answer[0].draft": 2}
//           calls: {writer: 2}                     # by agent
//           skills: [delivery]                     # of the parts, in order
//         output:                  # all must hold; one of equals, contains, matches each
//           - {at: $.parts[0].skill, equals: delivery}
//           - {contains: tracing}
//         cost: {calls: 9, tokens: 200, time: 5s}  # at most
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "router/graph/graph.h"
#include "router/rehearsal/json_path.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"
#include "runtime/kind/yaml_node.h"

namespace troupe::rehearsal {

// A regular expression (ECMAScript) and how it was written.
struct Pattern {
  std::string text;
  std::regex regex;
};

// What a stand-in does with the inputs that fit.
struct Rule {
  // The step's name, or its path without round numbers; empty for any.
  std::string step;
  // Which attempt at the step; 0 for any.
  int attempt = 0;
  // In the input's texts, joined by blanks.
  std::string contains;
  std::optional<Pattern> matches;
  // Speaks so often; 0 for always.
  int64_t times = 0;
  int64_t delay_ms = 0;
  // Either this...
  std::optional<Error> error;
  // ... or that, of the type that the agent's kind gives.
  Value output;
  int64_t tokens = 0;
  graph::Position position;
};

struct OutputCheck {
  JsonPath at;
  // One is set.
  std::optional<Value> equals;
  std::optional<std::string> contains;
  std::optional<Pattern> matches;
  graph::Position position;
};

template <typename T>
struct Placed {
  T value;
  graph::Position position;
};

enum class EndState { kDone, kFailed, kCancelled };

struct ExpectedError {
  std::optional<Code> code;
  std::string step;
  std::string contains;
  graph::Position position;
};

struct Expected {
  Placed<EndState> state{EndState::kDone, {}};
  std::optional<ExpectedError> error;
  std::vector<Placed<std::string>> run, skipped, failed, not_run;
  std::vector<Placed<std::pair<std::string, int64_t>>> attempts, calls;
  std::optional<Placed<std::vector<std::string>>> skills;
  std::vector<OutputCheck> output;
  // At most.
  std::optional<Placed<int64_t>> cost_calls, cost_tokens, cost_time_ms;
};

// What is decided on an `approve` step.
struct CaseDecision {
  // As written, perhaps with [*].
  std::string path;
  bool approve = false;
  std::string by;
  std::string note;
};

struct Case {
  std::string name;
  graph::Position position;
  Value input;
  // By agent, those of the whole file included; a case's own rules come first.
  std::map<std::string, std::vector<Rule>> stand_ins;
  std::vector<CaseDecision> decisions;
  // 0: what the runner thinks right.
  int64_t timeout_ms = 0;
  Expected expected;
};

struct Suite {
  std::string file;
  std::vector<Case> cases;
};

inline constexpr size_t kMaxSuiteBytes = 4u << 20;
inline constexpr size_t kMaxCases = 1'000;

// Everything that is wrong goes into the findings, at its place; a suite with errors must not be run.
Suite ReadSuite(std::string_view yaml, const std::string& file, const graph::Graph& graph, kind::Findings& findings);

// "help-desk.test.yaml" beside "help-desk.yaml".
std::string DefaultSuitePath(const std::string& graph_path);

// What the case decides on the step at this path; its own entry comes before one with [*]. Null for nothing.
const CaseDecision* FindDecision(const Case& one, std::string_view path);

// What an input says to rules: its texts, in the order of its keys, joined by blanks.
std::string TextOf(const Value& input);

}  // namespace troupe::rehearsal
