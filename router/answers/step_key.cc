#include "router/answers/step_key.h"

#include "router/cache/key.h"
#include "runtime/base/digest.h"

namespace troupe::answers {
namespace {

// What shapes the agent's output besides its input. The version of the graph covers the agent's configuration; which of
// its agents it was (a fallback is another one) and how much it was allowed to write it does not.
Value SettingsOf(const dispatch::StepOrder& order, const graph::Graph& graph, const std::string& purged) {
  Value settings{{"agent", order.agent}, {"tokens", order.token_budget}, {"purged", purged}};
  const auto agent = graph.agents.find(order.agent);
  if (agent != graph.agents.end() && agent->second.kind != nullptr) settings["kind"] = agent->second.kind->name;
  return settings;
}

// The input with the question taken out of it, wherever it stands; empty where it stands nowhere.
std::string WithoutQuestion(const std::string& input_json, const std::string& text) {
  // as it stands inside of JSON, without the quotes
  std::string needle = Dump(Value(text));
  needle = needle.substr(1, needle.size() - 2);
  std::string out;
  size_t from = 0;
  for (size_t at = input_json.find(needle); at != std::string::npos; at = input_json.find(needle, from)) {
    // a control character, which JSON never holds as it is
    out.append(input_json, from, at - from).push_back('\x01');
    from = at + needle.size();
  }
  return from == 0 ? std::string() : out.append(input_json, from);
}

}  // namespace

StepKey KeyOf(const dispatch::StepOrder& order, const StepJob& job, const std::string& model_digest,
              const std::string& purged) {
  // the input is canonical JSON already: as a text it need not be read for this
  cache::KeyParts parts{.graph_version = job.graph->version.value,
                        .step = job.step,
                        .model_digest = model_digest,
                        .settings = SettingsOf(order, *job.graph, purged),
                        .input = order.input_json,
                        .tenant = job.user};
  StepKey key{.key = cache::KeyOf(parts)};
  if (!job.rule->semantic || job.text.empty()) return key;
  const std::string rest = WithoutQuestion(order.input_json, job.text);
  if (rest.empty()) return key;
  parts.settings["rest"] = Sha256Hex(rest);
  key.meaning = cache::PartitionOf(parts);
  return key;
}

}  // namespace troupe::answers
