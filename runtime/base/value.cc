#include "runtime/base/value.h"

#include <set>
#include <vector>

namespace troupe {

Result<Value> ParseValue(std::string_view json, const ValueLimits& limits) {
  if (json.size() > limits.max_bytes) {
    return Invalid("JSON of " + std::to_string(json.size()) + " bytes; the limit is " + std::to_string(limits.max_bytes));
  }
  std::string problem;
  std::vector<std::set<std::string>> keys;
  const Value::parser_callback_t watch = [&](int depth, Value::parse_event_t event, Value& parsed) {
    if (depth > limits.max_depth && problem.empty()) {
      problem = "JSON nested deeper than " + std::to_string(limits.max_depth) + " levels";
    }
    if (!problem.empty()) return false;
    if (event == Value::parse_event_t::object_start) keys.emplace_back();
    if (event == Value::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Value::parse_event_t::key && !keys.empty() && !keys.back().insert(parsed.get<std::string>()).second) {
      problem = "the key \"" + parsed.get<std::string>() + "\" stands twice in one JSON object";
    }
    return problem.empty();
  };
  try {
    Value value = Value::parse(json.begin(), json.end(), watch);
    if (!problem.empty()) return Invalid(problem);
    return value;
  } catch (const Value::exception& e) {
    return Invalid(std::string("not valid JSON: ") + e.what());
  }
}

std::string Dump(const Value& value) { return value.dump(-1, ' ', false, Value::error_handler_t::replace); }

}  // namespace troupe
