#include "router/answers/graph_key.h"

#include "router/cache/key.h"

namespace troupe::answers {

std::string KeyOf(const GraphQuestion& question, const std::map<std::string, std::string>& models,
                  const std::string& purged) {
  const core::Amounts& limits = question.limits;
  return cache::KeyOf({.graph_version = question.graph->version.value,
                       .model_digest = Dump(Value(models)),
                       .settings = Value{limits.tokens, limits.device_us, limits.money, purged},
                       .input = question.input_json,
                       .tenant = question.user});
}

std::string Wrap(std::string_view task_id, std::string_view output_json) {
  std::string text;
  text.reserve(task_id.size() + output_json.size() + 5);
  return text.append("[\"").append(task_id).append("\",").append(output_json).append("]");
}

std::optional<Wrapped> Unwrap(std::string_view answer) {
  // ids hold neither quotes nor backslashes
  const size_t end = answer.find("\",");
  if (!answer.starts_with("[\"") || !answer.ends_with("]") || end == std::string_view::npos) return std::nullopt;
  return Wrapped{.task_id = answer.substr(2, end - 2), .output_json = answer.substr(end + 2, answer.size() - end - 3)};
}

}  // namespace troupe::answers
