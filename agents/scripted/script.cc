#include "agents/scripted/script.h"

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <string_view>
#include <utility>

namespace troupe::scripted {
namespace {
constexpr int kMaxDepth = 32;
constexpr size_t kMaxNodes = 100'000;
constexpr int64_t kMaxDelayMs = 3'600'000;

Value ScalarFromYaml(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  // a quoted scalar has the tag "!"
  if (node.Tag() == "!") return text;
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~") return nullptr;
  int64_t integer = 0;
  double number = 0;
  if (YAML::convert<int64_t>::decode(node, integer)) return integer;
  if (YAML::convert<double>::decode(node, number)) return number;
  return text;
}

// Aliases are walked again each time they are named, so nodes are counted.
Result<Value> FromYaml(const YAML::Node& node, int depth, size_t& nodes) {
  if (depth > kMaxDepth || ++nodes > kMaxNodes) return Invalid("script: nested too deep, or too large");
  if (node.IsMap()) {
    Value object = Value::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Invalid("script: a key must be a word");
      TRY_ASSIGN(object[entry.first.Scalar()], FromYaml(entry.second, depth + 1, nodes));
    }
    return object;
  }
  if (node.IsSequence()) {
    Value list = Value::array();
    for (const auto& entry : node) {
      TRY_ASSIGN(Value item, FromYaml(entry, depth + 1, nodes));
      list.push_back(std::move(item));
    }
    return list;
  }
  return node.IsScalar() ? ScalarFromYaml(node) : Value(nullptr);
}

Result<Value> ReadYaml(const std::string& text) {
  try {
    size_t nodes = 0;
    return FromYaml(YAML::Load(text), 0, nodes);
  } catch (const YAML::Exception& failed) {
    return Invalid(std::string("script: ") + failed.what());
  }
}

Status OnlyKeys(const Value& object, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return Invalid(where + ": must be an object");
  for (const auto& [key, value] : object.items()) {
    bool found = false;
    std::string names;
    for (std::string_view name : known) {
      found = found || name == key;
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    if (!found) return Invalid(where + ": unknown key '" + key + "'; known are " + names);
  }
  return {};
}

Result<int64_t> Number(const Value& object, const std::string& where, const char* key, int64_t most) {
  auto found = object.find(key);
  if (found == object.end()) return int64_t{0};
  if (!found->is_number_integer() || found->get<int64_t>() < 0 || found->get<int64_t>() > most) {
    return Invalid(where + "." + key + ": must be a whole number from 0 to " + std::to_string(most));
  }
  return found->get<int64_t>();
}

Result<std::string> Text(const Value& object, const std::string& where, const char* key) {
  auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return Invalid(where + "." + key + ": must be a text");
  return found->get<std::string>();
}

Result<Failure> ParseFailure(const Value& object, const std::string& where) {
  TRY(OnlyKeys(object, where, {"code", "message", "times", "retryAfterMs"}));
  Failure failure;
  TRY_ASSIGN(const std::string name, Text(object, where, "code"));
  const auto code = CodeFromName(name.empty() ? "INTERNAL" : name);
  if (!code || *code == Code::kOk)
    return Invalid(where + ".code: '" + name + "' is no error code, such as UNAVAILABLE");
  failure.error.code = *code;
  TRY_ASSIGN(failure.error.message, Text(object, where, "message"));
  if (failure.error.message.empty()) failure.error.message = "failed as scripted";
  TRY_ASSIGN(failure.error.retry_after_ms, Number(object, where, "retryAfterMs", kMaxDelayMs));
  TRY_ASSIGN(failure.times, Number(object, where, "times", 1'000'000));
  return failure;
}

Result<Question> ParseQuestion(const Value& object, const std::string& where) {
  TRY(OnlyKeys(object, where, {"peer", "input", "orElse"}));
  Question question;
  TRY_ASSIGN(question.peer, Text(object, where, "peer"));
  if (question.peer.empty()) return Invalid(where + ".peer: who is to be asked is missing");
  question.input = object.value("input", Value());
  if (object.contains("orElse")) {
    TRY_ASSIGN(question.or_else, Text(object, where, "orElse"));
  }
  return question;
}

Status ParseWhen(const Value& when, const std::string& where, Rule& rule) {
  TRY(OnlyKeys(when, where, {"contains", "regex"}));
  TRY_ASSIGN(rule.contains, Text(when, where, "contains"));
  TRY_ASSIGN(const std::string pattern, Text(when, where, "regex"));
  if (pattern.empty()) return {};
  try {
    rule.regex.emplace(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& failed) {
    return Invalid(where + ".regex: " + failed.what());
  }
  return {};
}

Result<Rule> ParseRule(const Value& object, const std::string& where, size_t index) {
  TRY(OnlyKeys(object, where, {"when", "say", "output", "fail", "delayMs", "stream", "ask", "crash"}));
  Rule rule;
  rule.index = index;
  if (object.contains("when")) TRY(ParseWhen(object["when"], where + ".when", rule));
  TRY_ASSIGN(rule.delay_ms, Number(object, where, "delayMs", kMaxDelayMs));
  if (object.contains("say")) {
    TRY_ASSIGN(rule.say, Text(object, where, "say"));
  }
  if (object.contains("output")) rule.output = object["output"];
  if (object.contains("fail")) {
    TRY_ASSIGN(rule.failure, ParseFailure(object["fail"], where + ".fail"));
  }
  if (object.contains("stream")) {
    const std::string inside = where + ".stream";
    TRY(OnlyKeys(object["stream"], inside, {"pieces", "delayMs"}));
    TRY_ASSIGN(const int64_t pieces, Number(object["stream"], inside, "pieces", 100'000));
    rule.pieces = static_cast<int>(pieces);
    TRY_ASSIGN(rule.piece_delay_ms, Number(object["stream"], inside, "delayMs", kMaxDelayMs));
  }
  if (object.contains("ask")) {
    const Value& ask = object["ask"];
    for (size_t i = 0; i < (ask.is_array() ? ask.size() : 1); ++i) {
      const std::string inside = where + (ask.is_array() ? ".ask[" + std::to_string(i) + "]" : ".ask");
      TRY_ASSIGN(Question question, ParseQuestion(ask.is_array() ? ask[i] : ask, inside));
      rule.questions.push_back(std::move(question));
    }
  }
  if (object.contains("crash")) {
    if (!object["crash"].is_boolean()) return Invalid(where + ".crash: must be true or false");
    rule.crash = object["crash"].get<bool>();
  }
  return rule;
}

void Collect(const Value& value, std::string& out) {
  if (value.is_string()) {
    if (!out.empty()) out += ' ';
    out += value.get_ref<const std::string&>();
  } else if (value.is_structured()) {
    for (const auto& item : value) Collect(item, out);
  }
}
}  // namespace

bool Rule::Matches(const std::string& text) const {
  if (!contains.empty() && text.find(contains) == std::string::npos) return false;
  return !regex || std::regex_search(text, *regex);
}

const Rule* Script::Find(const std::string& text) const {
  for (const Rule& rule : rules) {
    if (rule.Matches(text)) return &rule;
  }
  return otherwise ? &*otherwise : nullptr;
}

Result<Script> ParseScript(const Value& config) {
  Script script;
  if (config.is_null()) return script;
  Value object = config;
  if (config.is_string()) {
    TRY_ASSIGN(object, ReadYaml(config.get_ref<const std::string&>()));
  }
  TRY(OnlyKeys(object, "script", {"rules", "else"}));
  const Value rules = object.value("rules", Value::array());
  if (!rules.is_array()) return Invalid("script.rules: must be a list");
  for (size_t i = 0; i < rules.size(); ++i) {
    TRY_ASSIGN(Rule rule, ParseRule(rules[i], "script.rules[" + std::to_string(i) + "]", i));
    script.rules.push_back(std::move(rule));
  }
  if (object.contains("else")) {
    TRY_ASSIGN(script.otherwise, ParseRule(object["else"], "script.else", rules.size()));
  }
  return script;
}

std::string TextOf(const Value& input) {
  std::string text;
  Collect(input, text);
  return text;
}

}  // namespace troupe::scripted
