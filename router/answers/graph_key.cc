#include "router/answers/graph_key.h"

#include "router/cache/key.h"
#include "runtime/base/check.h"

namespace troupe::answers {

std::string KeyOf(const GraphQuestion& question, const std::map<std::string, std::string>& models, int64_t purged) {
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

Wrapped Unwrap(std::string_view answer) {
  // ids hold neither quotes nor backslashes
  const size_t end = answer.find("\",");
  CHECK(answer.size() > 5 && end != std::string_view::npos);
  return {.task_id = answer.substr(2, end - 2), .output_json = answer.substr(end + 2, answer.size() - end - 3)};
}

}  // namespace troupe::answers
