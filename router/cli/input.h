// A task's input from the command line: a whole JSON object, single fields, a message. Pure, but for files and stdin.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/value.h"

namespace troupe::cli {

// What `run` and `submit` are given.
struct TaskFlags {
  std::string graph;
  // Goes into the graph's message field; "-" reads stdin.
  std::string message;
  // JSON, or @file, or @- for stdin.
  std::string input;
  // key=text, key:=JSON or key@=FILE
  std::vector<std::string> fields;
  std::string request_id;
  double timeout_s = 0;
  // -1: the graph's own.
  int priority = -1;
  // 0, or empty: the graph's own.
  int64_t max_tokens = 0;
  std::string max_device_seconds;
  std::string max_money;
  std::vector<std::string> labels;
};

// Puts the three together; a later one wins over an earlier: input, fields, message. `message_field` is where the
// message goes. Errors: INVALID_ARGUMENT naming the flag.
Result<Value> BuildInput(const TaskFlags& flags, const std::string& message_field);

// The field that a message goes to: the one called "message", or the input's only text field. Errors: INVALID_ARGUMENT
// where the graph has no such field. `text_fields` are the input's text fields.
Result<std::string> MessageField(const std::vector<std::string>& text_fields);

// "key=value" pairs as a map. Errors: INVALID_ARGUMENT where one has no "=".
Result<std::map<std::string, std::string>> ParseLabels(const std::vector<std::string>& labels);

}  // namespace troupe::cli
