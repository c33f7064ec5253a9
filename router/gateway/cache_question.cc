#include "router/gateway/cache_question.h"

#include <utility>

#include "router/core/core.h"
#include "router/core/names.h"
#include "router/core/place.h"
#include "router/gateway/field_error.h"
#include "runtime/base/id.h"
#include "runtime/kind/type.h"

namespace troupe::gateway {

std::string WithoutRounds(const std::string& path) {
  std::string out;
  int depth = 0;
  for (const char c : path) {
    depth += c == '[';
    if (depth == 0) out += c;
    depth -= c == ']';
  }
  return out;
}

std::string UserOf(const Result<Value>& user) {
  const bool is_said = user && (user->is_number_integer() || (user->is_string() && *user != ""));
  return is_said ? Dump(*user) : std::string();
}

answers::StepJob JobOf(const std::shared_ptr<const graph::Graph>& graph, const graph::CacheRule& rule,
                       const std::string& path, const core::TaskState& state) {
  answers::StepJob job{.graph = graph, .rule = &rule, .step = WithoutRounds(path)};
  const std::optional<core::Place> place = core::Locate(*graph, path);
  if (!place) return job;
  const core::Names names(state, *place);
  if (rule.user) job.user = UserOf(names.Evaluate(*rule.user, "user"));
  if (rule.semantic) {
    const Result<Value> text = names.Evaluate(rule.semantic->text, "text");
    if (text && text->is_string()) job.text = text->get<std::string>();
  }
  return job;
}

answers::GraphQuestion QuestionOf(const graph::Graph& graph, const Value& input, const core::Amounts& limits) {
  answers::GraphQuestion question{.graph = &graph, .input_json = Dump(input), .limits = limits};
  if (graph.cache && graph.cache->user) {
    question.user = UserOf(graph.cache->user->text->Evaluate(Value{{"input", input}}));
  }
  return question;
}

Result<Value> InputOf(const graph::Graph& graph, const std::string& input_json) {
  Result<Value> input = Value::object();
  if (!input_json.empty()) input = ParseValue(input_json);
  if (!input) return FieldError("input_json", input.error().message);
  return kind::Conform(graph.input, std::move(*input), "input");
}

Result<StepQuestion> QuestionOf(const std::shared_ptr<const graph::Graph>& graph, const std::string& step,
                                const Value& input) {
  const std::optional<core::Place> place = core::Locate(*graph, step);
  if (!place || place->step == nullptr) return NotFound("graph " + graph->name + " has no step '" + step + "'");
  if (!place->step->agent || !place->step->agent->cache) {
    return FailedPrecondition("step '" + step + "' has no 'cache'; 'troupe lint' says which steps have one");
  }
  const graph::AgentStep& asked = *place->step->agent;
  core::TaskState state;
  state.input = input;
  const Result<Value> rendered = core::Names(state, *place).Render(asked.input, "input of step '" + step + "'");
  if (!rendered) {
    return FailedPrecondition("what step '" + step +
                              "' asks cannot be known before other steps have run: " + rendered.error().message);
  }
  StepQuestion question{.job = JobOf(graph, *asked.cache, step, state)};
  const graph::Agent& agent = graph->agents.at(asked.agent);
  question.order = {.key = "explain/" + NewUuid7(),
                    .task = "cache",
                    .priority = 0,
                    .graph = graph->name,
                    .agent = asked.agent,
                    .path = step,
                    .input_json = Dump(*rendered)};
  if (graph->limits.tokens > 0) question.order.token_budget = agent.max_tokens;
  return question;
}

}  // namespace troupe::gateway
