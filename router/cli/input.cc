#include "router/cli/input.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "runtime/base/names.h"

namespace troupe::cli {
namespace {

// As much as a router can be told to take; what it was told it says itself.
constexpr size_t kMaxInputBytes = 1u << 30;

Result<std::string> ReadAll(std::istream& stream, const std::string& name) {
  std::string text;
  char buffer[65536];
  while (stream.read(buffer, sizeof buffer) || stream.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(stream.gcount()));
    if (text.size() > kMaxInputBytes) return Invalid(name + " is larger than 1 GiB, the most a task's input may be");
  }
  return text;
}

Result<std::string> ReadFile(const std::string& path, const std::string& flag) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound(flag + ": cannot read the file " + path);
  return ReadAll(file, path);
}

// key=text, key:=JSON, key@=FILE.
Status PutField(Value& input, const std::string& field) {
  const size_t equals = field.find('=');
  const char mark = equals == std::string::npos || equals == 0 ? '=' : field[equals - 1];
  const bool marked = mark == ':' || mark == '@';
  const std::string key = field.substr(0, equals == std::string::npos ? 0 : equals - (marked ? 1 : 0));
  if (key.empty()) return Invalid("--field " + field + ": write key=text, key:=JSON or key@=FILE");
  const std::string text = field.substr(equals + 1);
  if (mark == '@') {
    TRY_ASSIGN(input[key], ReadFile(text, "--field " + key));
  } else if (mark == ':') {
    auto value = ParseValue(text);
    if (!value) return Invalid("--field " + key + ": " + value.error().message);
    input[key] = std::move(*value);
  } else {
    input[key] = text;
  }
  return {};
}

}  // namespace

Result<Value> BuildInput(const TaskFlags& flags, const std::string& message_field) {
  Value input = Value::object();
  if (!flags.input.empty()) {
    std::string text = flags.input;
    if (text == "@-") {
      TRY_ASSIGN(text, ReadAll(std::cin, "stdin"));
    } else if (text.starts_with('@')) {
      TRY_ASSIGN(text, ReadFile(text.substr(1), "--input"));
    }
    auto value = ParseValue(text, {.max_bytes = kMaxInputBytes});
    if (!value) return Invalid("--input: " + value.error().message);
    if (!value->is_object()) return Invalid("--input: must be a JSON object, for example '{\"message\": \"hello\"}'");
    input = std::move(*value);
  }
  for (const std::string& field : flags.fields) TRY(PutField(input, field));
  if (flags.message.empty()) return input;
  std::string message = flags.message;
  if (message == "-") {
    TRY_ASSIGN(message, ReadAll(std::cin, "stdin"));
  }
  input[message_field] = std::move(message);
  return input;
}

Result<std::string> MessageField(const std::vector<std::string>& text_fields) {
  if (std::find(text_fields.begin(), text_fields.end(), "message") != text_fields.end()) return std::string("message");
  if (text_fields.size() == 1) return text_fields.front();
  return Invalid("the graph does not say which field a message goes to" +
                 (text_fields.empty() ? "; it has no text field: use --field KEY:=JSON"
                                      : "; use --field KEY=TEXT with one of: " + Joined(text_fields, ", ")));
}

Result<std::map<std::string, std::string>> ParseLabels(const std::vector<std::string>& labels) {
  std::map<std::string, std::string> map;
  for (const std::string& label : labels) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos || equals == 0) return Invalid("--label " + label + ": write key=value");
    map[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return map;
}

}  // namespace troupe::cli
