#include "agents/extract/prompt.h"

#include <utility>

#include "runtime/kind/yaml_node.h"

namespace troupe::extract {
namespace {

Value Properties(const Value& schema) {
  const auto found = schema.find("properties");
  return found == schema.end() ? Value::object() : *found;
}

// The fields in the schema's order; what it does not name comes last, by name. The grammar writes ": " and ", ".
std::string Answer(const Value& output, const Value& schema) {
  std::string text = "{";
  const auto add = [&](const std::string& name, const Value& value) {
    text += (text.size() > 1 ? ", " : "") + Dump(Value(name)) + ": " + Dump(value);
  };
  const Value properties = Properties(schema);
  for (const auto& [name, unused] : properties.items()) {
    if (output.contains(name)) add(name, output[name]);
  }
  for (const auto& [name, value] : output.items()) {
    if (!properties.contains(name)) add(name, value);
  }
  return text + "}";
}

}  // namespace

Result<std::vector<Example>> ReadExamples(const Value& given, const Value& schema) {
  Value list = given;
  if (given.is_string()) {
    kind::Findings findings;
    list = kind::ToValue(kind::ParseYaml(given.get<std::string>(), "examples", findings));
    if (findings.HasErrors()) return Invalid(kind::ToString(findings.Take().front()));
  }
  if (list.is_null()) return std::vector<Example>();
  if (!list.is_array()) return Invalid("examples: must be a list of {text, output}, inline or in a JSON or YAML file");
  std::vector<Example> examples;
  for (const Value& entry : list) {
    const bool fits = entry.is_object() && entry.contains("text") && entry["text"].is_string() &&
                      entry.contains("output") && entry["output"].is_object();
    if (!fits) return Invalid("examples[" + std::to_string(examples.size()) + "]: must be {text: ..., output: {...}}");
    examples.push_back({entry["text"], Answer(entry["output"], schema)});
  }
  return examples;
}

std::string InstructionsFrom(const Value& schema) {
  std::string text = "Read the text and fill in the JSON:";
  std::string separator = " ";
  const Value properties = Properties(schema);
  for (const auto& [name, field] : properties.items()) {
    text += separator + name;
    const auto description = field.find("description");
    if (description != field.end() && description->is_string()) text += " (" + description->get<std::string>() + ")";
    separator = ", ";
  }
  return text + ". Copy from the text; null where it does not say.";
}

std::vector<text::ChatMessage> Conversation(const std::string& instructions, const std::vector<Example>& examples,
                                            const std::string& text) {
  std::vector<text::ChatMessage> messages = {{"system", instructions}};
  for (const Example& example : examples) {
    messages.push_back({"user", example.text});
    messages.push_back({"assistant", example.output});
  }
  messages.push_back({"user", text});
  return messages;
}

}  // namespace troupe::extract
