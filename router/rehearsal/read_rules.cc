#include <algorithm>
#include <sstream>
#include <utility>

#include "router/rehearsal/suite_reader.h"
#include "runtime/kind/suggest.h"

namespace troupe::rehearsal {
namespace {

using kind::Type;
using kind::YamlMap;
using kind::YamlNode;

constexpr int64_t kMaxTokens = 1'000'000;

int64_t CountWords(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  int64_t count = 0;
  while (words >> word) ++count;
  return count;
}

// What a field holds that a stand-in says nothing of: the first choice, nothing, none.
Value Neutral(const Type& type) {
  if (type.nullable) return nullptr;
  switch (type.kind) {
    case Type::Kind::kString:
      return type.choices.empty() ? "" : type.choices.front();
    case Type::Kind::kInteger:
    case Type::Kind::kNumber:
      return std::max<int64_t>(0, static_cast<int64_t>(type.minimum.value_or(0)));
    case Type::Kind::kBoolean:
      return false;
    case Type::Kind::kList:
      return Value::array();
    case Type::Kind::kObject:
      return Value::object();
    case Type::Kind::kAny:
      return nullptr;
  }
  return nullptr;
}

// Fills in what the type wants and the author left out, so that {label: ok} is enough.
Value Complete(const Type& type, Value value) {
  if (type.kind == Type::Kind::kList && type.item && value.is_array()) {
    for (Value& item : value) item = Complete(*type.item, std::move(item));
  }
  if (type.kind != Type::Kind::kObject || !value.is_object()) return value;
  for (const kind::Field& field : type.fields) {
    auto found = value.find(field.name);
    if (found == value.end()) {
      if (!field.required) continue;
      value[field.name] = Complete(field.type, Neutral(field.type));
    } else {
      *found = Complete(field.type, std::move(*found));
    }
  }
  return value;
}

class RuleReader {
 public:
  RuleReader(SuiteReader& reader, const graph::Agent& agent, const YamlNode& node)
      : reader_(reader),
        agent_(agent),
        node_(node),
        map_(node, "the rule for agent '" + agent.name + "'", reader.file, reader.findings) {
    rule_.position = reader.At(node);
  }

  Rule Read() {
    if (!map_.valid()) return rule_;
    if (const YamlNode* when = map_.Get("when")) ReadWhen(*when);
    rule_.times = map_.Integer("times", 1, 1'000'000).value_or(0);
    rule_.delay_ms = map_.DurationMs("delay").value_or(0);
    const std::optional<int64_t> tokens = map_.Integer("tokens", 0, kMaxTokens);
    const YamlNode* text = map_.Get("text");
    const YamlNode* output = map_.Get("output");
    const YamlNode* error = map_.Get("error");
    // only an agent that takes a text apart gives parts
    const YamlNode* parts = reader_.splitters.contains(agent_.name) ? map_.Get("parts") : nullptr;
    const int said = (text != nullptr) + (output != nullptr) + (error != nullptr) + (parts != nullptr);
    if (said != 1) {
      reader_.Error(node_, map_.what() + " must say one of text, output" +
                               (reader_.splitters.contains(agent_.name) ? ", parts" : "") + " and error");
    }
    if (text != nullptr) ReadText(*text);
    if (parts != nullptr) ReadParts(*parts);
    if (error != nullptr) ReadError(*error);
    rule_.tokens = tokens.value_or(text != nullptr ? CountWords(text->text) : 0);
    if (text != nullptr && rule_.output.is_object() && rule_.output.contains("tokens")) {
      rule_.output["tokens"] = rule_.tokens;
    }
    if (output != nullptr) SetOutput(*output, ToValue(*output));
    map_.Finish();
    return std::move(rule_);
  }

 private:
  void ReadWhen(const YamlNode& node) {
    YamlMap when(node, "'when'", reader_.file, reader_.findings);
    rule_.contains = when.String("contains").value_or("");
    if (const YamlNode* matches = when.Get("matches")) rule_.matches = reader_.ReadPattern(*matches);
    rule_.attempt = static_cast<int>(when.Integer("attempt", 1, 1'000).value_or(0));
    if (const YamlNode* step = when.Get("step")) {
      rule_.step = step->text;
      const bool is_path = std::find(reader_.paths.begin(), reader_.paths.end(), step->text) != reader_.paths.end();
      if (!is_path && !reader_.names.contains(step->text)) {
        const std::vector<std::string> names(reader_.names.begin(), reader_.names.end());
        reader_.Error(*step, "the graph has no step '" + step->text + "'" + kind::Suggest(step->text, names));
      }
    }
    when.Finish();
  }

  void ReadText(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar) {
      reader_.Error(node, "'text' must be a text, got " + Describe(node) + "; use 'output' for anything else");
      return;
    }
    SetOutput(node, {{"text", node.text}});
  }

  // As a decompose step gives them: {text, skill, score, index}.
  void ReadParts(const YamlNode& node) {
    rule_.output = Value::array();
    if (node.kind != YamlNode::Kind::kList) {
      reader_.Error(node, "'parts' must be a list of {text: ..., skill: ...}, got " + Describe(node));
      return;
    }
    for (const YamlNode& item : node.items) {
      YamlMap part(item, "the part", reader_.file, reader_.findings);
      part.Require("text", "say which words it has");
      part.Require("skill", "say what it asks for");
      const std::string text = part.String("text").value_or("");
      const std::string skill = part.String("skill").value_or("");
      const double score = part.Number("score", -1, 1).value_or(1);
      if (!skill.empty() && !reader_.skills.contains(skill)) {
        const std::vector<std::string> skills(reader_.skills.begin(), reader_.skills.end());
        reader_.Error(*item.Find("skill"), "there is no skill '" + skill + "'" + kind::Suggest(skill, skills));
      }
      part.Finish();
      rule_.output.push_back({{"text", text}, {"skill", skill}, {"score", score}, {"index", rule_.output.size()}});
    }
  }

  void ReadError(const YamlNode& node) {
    YamlMap map(node, "'error'", reader_.file, reader_.findings);
    Error error{Code::kUnavailable, "failed as the case says"};
    if (const YamlNode* code = map.Get("code")) error.code = reader_.ReadCode(*code).value_or(error.code);
    error.message = map.String("message").value_or(error.message);
    error.retry_after_ms = map.DurationMs("retryAfter").value_or(0);
    map.Finish();
    rule_.error = std::move(error);
  }

  void SetOutput(const YamlNode& node, Value value) {
    auto fits = kind::Conform(agent_.output_type, Complete(agent_.output_type, std::move(value)), "output");
    if (!fits) {
      reader_.Error(node, "agent '" + agent_.name + "' never gives that: " + fits.error().message);
      return;
    }
    rule_.output = std::move(*fits);
  }

  SuiteReader& reader_;
  const graph::Agent& agent_;
  const YamlNode& node_;
  YamlMap map_;
  Rule rule_;
};

}  // namespace

StandIns ReadStandIns(SuiteReader& reader, const YamlNode& node) {
  StandIns read;
  YamlMap map(node, "'agents'", reader.file, reader.findings);
  if (!map.valid()) return read;
  for (const kind::YamlEntry& entry : node.entries) {
    const std::string& name = entry.key.text;
    const auto agent = reader.graph.agents.find(name);
    if (agent == reader.graph.agents.end()) {
      reader.Error(entry.key, "the graph has no agent '" + name + "'" + kind::Suggest(name, reader.AgentNames()));
      continue;
    }
    if (entry.value.kind == YamlNode::Kind::kScalar) {
      if (entry.value.text == "real") {
        read.real.insert(name);
      } else {
        reader.Error(entry.value,
                     "agent '" + name + "' must be 'real', a rule or a list of rules, got " + Describe(entry.value));
      }
      continue;
    }
    auto& rules = read.rules[name];
    if (entry.value.kind == YamlNode::Kind::kList) {
      for (const YamlNode& rule : entry.value.items) rules.push_back(RuleReader(reader, agent->second, rule).Read());
    } else {
      rules.push_back(RuleReader(reader, agent->second, entry.value).Read());
    }
  }
  return read;
}

}  // namespace troupe::rehearsal
